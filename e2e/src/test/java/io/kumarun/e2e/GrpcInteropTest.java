package io.kumarun.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.kumarun.devmesh.scenario.Scenario;
import io.kumarun.devmesh.service.EchoGrpc;
import io.kumarun.devmesh.service.EchoGrpcService;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** gRPC through two sidecars of either kind, with both kinds of identity. */
@ParameterizedClass
@EnumSource(mode = Mode.MATCH_ANY, names = ".*PROTOCOLS")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GrpcInteropTest {
  private static final long SOON_SECONDS = 10;
  private static final Metadata.Key<String> PEER = key("x-peer");
  private static final Metadata.Key<String> TRAILER = key("x-echo-trailer");
  private static final Metadata.Key<String> WANTED_STATUS = key("x-echo-status");
  private static final Metadata.Key<String> CERTIFICATE = key("x-forwarded-client-cert");

  private final EchoGrpcService application = EchoGrpcService.start("backend-grpc");
  @Parameter Scenario scenario = Scenario.LEGACY_STRICT_PROTOCOLS;
  private MixedMesh mixed;
  private final List<ManagedChannel> channels = new ArrayList<>();

  @BeforeAll
  void start() {
    mixed = MixedMesh.start(scenario, Map.of("backend-grpc", application.port()));
  }

  @AfterEach
  void endCalls() {
    channels.forEach(ManagedChannel::shutdownNow);
    channels.clear();
  }

  @AfterAll
  void stop() {
    mixed.close();
    application.close();
  }

  @ParameterizedTest
  @EnumSource
  void aCallReachesTheApplicationWithTheCallersIdentity(Way way) {
    AtomicReference<Metadata> headers = new AtomicReference<>(new Metadata());
    AtomicReference<Metadata> trailers = new AtomicReference<>(new Metadata());
    Metadata forged = new Metadata();
    forged.put(CERTIFICATE, "URI=spiffe://demo/forged");
    Channel channel =
        ClientInterceptors.intercept(
            channel(way),
            MetadataUtils.newCaptureMetadataInterceptor(headers, trailers),
            MetadataUtils.newAttachHeadersInterceptor(forged));

    assertThat(unary(channel, "hello")).isEqualTo("hello");

    assertThat(requireNonNull(headers.get()).get(PEER))
        .contains("URI=" + mixed.mesh().spiffeId(mixed.frontend(way)))
        .doesNotContain("forged");
    assertThat(requireNonNull(trailers.get()).get(TRAILER)).isEqualTo("backend-grpc");
  }

  @ParameterizedTest
  @EnumSource
  void aStreamOfResponsesArrivesInOrderToItsEnd(Way way) {
    byte[] message = new byte[2000];
    message[0] = (byte) 200;
    Iterator<byte[]> answers =
        ClientCalls.blockingServerStreamingCall(channel(way), EchoGrpc.REPEAT, soon(), message);

    int count = 0;
    while (answers.hasNext()) {
      assertThat(answers.next()).isEqualTo(message);
      count++;
    }
    assertThat(count).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void eachMessageOfAConversationIsAnsweredBeforeTheNextIsSent(Way way) throws Exception {
    Answers answers = new Answers();
    StreamObserver<byte[]> requests =
        ClientCalls.asyncBidiStreamingCall(channel(way).newCall(EchoGrpc.CHAT, soon()), answers);

    for (int i = 0; i < 20; i++) {
      String message = "message " + i;
      requests.onNext(message.getBytes(StandardCharsets.UTF_8));
      assertThat(answers.next()).isEqualTo(message);
    }
    requests.onCompleted();
    assertThat(answers.next()).isEqualTo("OK");
  }

  @ParameterizedTest
  @EnumSource
  void theStatusOfAFailedCallAndItsTrailersArrive(Way way) {
    Metadata wanted = new Metadata();
    wanted.put(WANTED_STATUS, "9");
    Channel channel =
        ClientInterceptors.intercept(
            channel(way), MetadataUtils.newAttachHeadersInterceptor(wanted));

    StatusRuntimeException failure =
        catchThrowableOfType(StatusRuntimeException.class, () -> unary(channel, "hello"));

    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(failure.getStatus().getDescription()).isEqualTo("as asked");
    assertThat(failure.getTrailers()).isNotNull();
    assertThat(failure.getTrailers().get(TRAILER)).isEqualTo("backend-grpc");
  }

  @ParameterizedTest
  @EnumSource
  void aMessageOfAMebibyteComesBackWhole(Way way) {
    byte[] message = new byte[1024 * 1024];
    new Random(1).nextBytes(message);

    byte[] answer = ClientCalls.blockingUnaryCall(channel(way), EchoGrpc.UNARY, soon(), message);

    assertThat(answer).isEqualTo(message);
  }

  @ParameterizedTest
  @EnumSource
  void aCancelledAndAnExpiredCallEndAndTheConnectionServesOn(Way way) throws Exception {
    ManagedChannel channel = channel(way);
    Answers cancelled = new Answers();
    ClientCall<byte[], byte[]> call = channel.newCall(EchoGrpc.CHAT, soon());
    StreamObserver<byte[]> requests = ClientCalls.asyncBidiStreamingCall(call, cancelled);
    requests.onNext("one".getBytes(StandardCharsets.UTF_8));
    assertThat(cancelled.next()).isEqualTo("one");
    call.cancel("no longer wanted", null);
    assertThat(cancelled.next()).isEqualTo("CANCELLED");

    Answers expired = new Answers();
    StreamObserver<byte[]> silent =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(
                EchoGrpc.CHAT, CallOptions.DEFAULT.withDeadlineAfter(Duration.ofMillis(200))),
            expired);
    assertThat(silent).isNotNull();
    assertThat(expired.next()).isEqualTo("DEADLINE_EXCEEDED");

    assertThat(unary(channel, "still here")).isEqualTo("still here");
  }

  private ManagedChannel channel(Way way) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(mixed.outbound(way, "backend-grpc")).usePlaintext().build();
    channels.add(channel);
    return channel;
  }

  private static String unary(Channel channel, String message) {
    return new String(
        ClientCalls.blockingUnaryCall(
            channel, EchoGrpc.UNARY, soon(), message.getBytes(StandardCharsets.UTF_8)),
        StandardCharsets.UTF_8);
  }

  private static CallOptions soon() {
    return CallOptions.DEFAULT.withDeadlineAfter(SOON_SECONDS, TimeUnit.SECONDS);
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** What comes back, as text; at the end the status. */
  private static final class Answers implements StreamObserver<byte[]> {
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    String next() throws InterruptedException {
      String event = events.poll(SOON_SECONDS, TimeUnit.SECONDS);
      return event == null ? "nothing in time" : event;
    }

    @Override
    public void onNext(byte[] message) {
      events.add(new String(message, StandardCharsets.UTF_8));
    }

    @Override
    public void onError(Throwable error) {
      events.add(Status.fromThrowable(error).getCode().toString());
    }

    @Override
    public void onCompleted() {
      events.add("OK");
    }
  }
}
