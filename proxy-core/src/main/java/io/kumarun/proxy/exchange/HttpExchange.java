package io.kumarun.proxy.exchange;

import io.kumarun.proxy.cluster.Cluster;
import io.kumarun.proxy.cluster.Host;
import io.kumarun.proxy.config.RouteTableConfig.HostRewrite;
import io.kumarun.proxy.config.RouteTableConfig.RouteAction;
import io.kumarun.proxy.filter.FilterContext;
import io.kumarun.proxy.filter.HttpFilter;
import io.kumarun.proxy.filter.LocalReply;
import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.kumarun.proxy.http.HttpStream;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.kumarun.proxy.http.StreamError;
import io.kumarun.proxy.route.CompiledRoute;
import io.kumarun.retry.StreamDeadlines;
import io.kumarun.telemetry.LoggedRequest;
import io.kumarun.telemetry.ResponseFlag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request from its head to the end of its response: header rules, filters in order, the route,
 * an endpoint, and back. Event loop only.
 *
 * <p>It ends once, by {@link #finish}: when the response is complete, or when either side is gone.
 */
final class HttpExchange implements HttpStreamHandler, FilterContext, LoggedRequest {
  private static final AsciiString ENVOY = AsciiString.cached("envoy");
  private static final AsciiString CONNECT = AsciiString.cached("CONNECT");
  private static final AsciiString HEAD = AsciiString.cached("HEAD");
  private static final AsciiString CONTINUE_EXPECTED = AsciiString.cached("100-continue");
  private static final HeaderMap NO_HEADERS = new HeaderMap(1);

  private final DownstreamConnection connection;
  private final HttpStream downstream;
  private final long startMillis;
  private final long startNanos;
  private final ExchangeTimer timer;

  private HeaderMap request = NO_HEADERS;
  private @Nullable HeaderMap response;
  private @Nullable CompiledRoute route;
  private @Nullable UpstreamRequest upstream;
  private @Nullable ArrayDeque<ByteBuf> waitingBody;
  private @Nullable HeaderMap waitingTrailers;
  private int nextFilter;
  private boolean requestComplete;
  private boolean finished;
  private @Nullable EnumSet<ResponseFlag> flags;
  private @Nullable String details;
  private long bytesReceived;
  private long bytesSent;
  private long endNanos;

  /**
   * @param sinceStartNanos what has passed since the first byte
   */
  HttpExchange(DownstreamConnection connection, HttpStream downstream, long sinceStartNanos) {
    this.connection = connection;
    this.downstream = downstream;
    this.startMillis =
        connection.services().clock().millis() - TimeUnit.NANOSECONDS.toMillis(sinceStartNanos);
    this.startNanos = System.nanoTime() - sinceStartNanos;
    this.timer =
        new ExchangeTimer(
            this, connection.upstreams().loop(), connection.chain().config(), startNanos);
    connection.chain().metrics().requestStarted(isHttp2());
  }

  private boolean isHttp2() {
    return downstream.version() == HttpStream.HttpVersion.HTTP_2;
  }

  // --- what the downstream peer sends

  @Override
  public void onHeaders(HeaderMap headers, boolean endStream) {
    request = headers;
    requestComplete = endStream;
    timer.headersComplete();
    AsciiString method = headers.method();
    if (method == null || headers.contains(HeaderNames.UPGRADE) || method.contentEquals(CONNECT)) {
      // No upgrade is configured by Kuma, and Envoy refuses the others (contract §3.0); a CONNECT
      // finds no route, since none says that it takes any.
      reply(
          method != null && method.contentEquals(CONNECT)
              ? LocalReply.ROUTE_NOT_FOUND
              : LocalReply.UPGRADE_REFUSED,
          null);
      return;
    }
    AsciiString path = headers.path();
    if (path == null) {
      reply(LocalReply.BAD_REQUEST, "missing_path");
      return;
    }
    RequestHeaderRules.apply(headers, connection);
    if (connection.chain().config().normalizePath()) {
      AsciiString normal = PathNormalizer.normalize(path);
      if (normal == null) {
        reply(LocalReply.BAD_REQUEST, "path_normalization_failed");
        return;
      }
      if (normal != path) {
        headers.set(HeaderNames.PATH, normal);
      }
    }
    AsciiString expect = headers.get(HeaderNames.EXPECT);
    if (expect != null && expect.contentEqualsIgnoreCase(CONTINUE_EXPECTED)) {
      // Envoy answers for the upstream, which never sees the expectation.
      headers.remove(HeaderNames.EXPECT);
      downstream.writeHeaders(new HeaderMap(1).add(HeaderNames.STATUS, StatusText.of(100)), false);
    }
    runFilters();
  }

  @Override
  public void onData(ByteBuf data, boolean endStream) {
    if (finished) {
      data.release();
      return;
    }
    bytesReceived += data.readableBytes();
    requestComplete |= endStream;
    timer.activity();
    UpstreamRequest current = upstream;
    if (current == null) {
      // A filter waits: Envoy's filters buffer too. Bounded, since reading is paused meanwhile.
      if (waitingBody == null) {
        waitingBody = new ArrayDeque<>(4);
      }
      waitingBody.add(data);
      return;
    }
    current.writeData(data, endStream);
    if (endStream) {
      timer.requestComplete();
    } else if (!finished && !current.isWritable()) {
      downstream.pauseReading();
    }
  }

  @Override
  public void onTrailers(HeaderMap trailers) {
    if (finished) {
      return;
    }
    requestComplete = true;
    timer.activity();
    UpstreamRequest current = upstream;
    if (current == null) {
      waitingTrailers = trailers;
      return;
    }
    current.writeTrailers(trailers);
    timer.requestComplete();
  }

  @Override
  public void onReset(StreamError error) {
    if (finished) {
      return;
    }
    if (error == StreamError.PROTOCOL_ERROR) {
      flag(ResponseFlag.DPE);
      details = "downstream_protocol_error";
    } else {
      flag(ResponseFlag.DC);
      details =
          error == StreamError.CONNECTION_TERMINATION
              ? "downstream_remote_disconnect"
              : "downstream_remote_reset";
      connection.chain().metrics().resetReceived();
    }
    finish();
  }

  @Override
  public void onWritabilityChanged() {
    UpstreamRequest current = upstream;
    if (current != null && downstream.isWritable()) {
      current.resumeReading();
    }
  }

  // --- filters

  private void runFilters() {
    HttpFilter[] filters = connection.filters();
    while (nextFilter < filters.length) {
      HttpFilter filter = filters[nextFilter++];
      if (filter.onRequest(this) == HttpFilter.Outcome.WAIT) {
        if (!finished) {
          timer.waiting();
          downstream.pauseReading();
        }
        return;
      }
    }
    routeRequest();
  }

  @Override
  public HeaderMap requestHeaders() {
    return request;
  }

  @Override
  public void resume() {
    if (finished) {
      return;
    }
    downstream.resumeReading();
    runFilters();
  }

  @Override
  public void reply(LocalReply reply, @Nullable String because) {
    reply(reply, "", because);
  }

  // --- route and upstream

  private void routeRequest() {
    CompiledRoute matched = connection.chain().routes().match(request);
    if (matched == null) {
      connection.chain().metrics().noRoute();
      reply(LocalReply.ROUTE_NOT_FOUND, null);
      return;
    }
    route = matched;
    switch (matched.action()) {
      case RouteAction.Forward forward -> forward(matched, forward);
      case RouteAction.DirectResponse direct -> directResponse(direct);
      case RouteAction.Redirect redirect -> redirect(matched, redirect);
    }
  }

  private void forward(CompiledRoute matched, RouteAction.Forward action) {
    String name = ClusterPick.pick(action.cluster(), ThreadLocalRandom.current());
    Cluster cluster = connection.cluster(name);
    if (cluster == null) {
      connection.chain().metrics().noCluster();
      reply(LocalReply.CLUSTER_NOT_FOUND, null);
      return;
    }
    Host host = connection.upstreams().pick(cluster);
    if (host == null) {
      cluster.metrics().noneHealthy();
      reply(LocalReply.NO_HEALTHY_UPSTREAM, null);
      return;
    }
    editRequest(matched, action, host);
    timer.routed(
        action.timeout(),
        action.idleTimeout(),
        cluster.config().maxStreamDuration(),
        requestComplete);
    UpstreamRequest attempt =
        new UpstreamRequest(this, connection.upstreams(), cluster, host, request);
    upstream = attempt;
    attempt.start(requestComplete && !giveWaitingBody(attempt));
    if (attempt.isWaiting()) {
      onUpstreamWaiting();
    }
  }

  /** What comes of the request can only be held. */
  void onUpstreamWaiting() {
    if (!finished && !requestComplete) {
      downstream.pauseReading();
    }
  }

  /** Hands on what came while a filter waited. Returns whether there was anything. */
  private boolean giveWaitingBody(UpstreamRequest attempt) {
    ArrayDeque<ByteBuf> body = waitingBody;
    HeaderMap trailers = waitingTrailers;
    while (body != null && !body.isEmpty()) {
      ByteBuf data = body.poll();
      attempt.writeData(data, requestComplete && body.isEmpty() && trailers == null);
    }
    if (trailers != null) {
      attempt.writeTrailers(trailers);
    }
    return body != null || trailers != null;
  }

  private void editRequest(CompiledRoute matched, RouteAction.Forward action, Host host) {
    AsciiString path = request.path();
    AsciiString rewritten = path == null ? null : matched.rewrite(path);
    if (path != null && rewritten != null) {
      request.set(HeaderNames.X_ENVOY_ORIGINAL_PATH, path);
      request.set(HeaderNames.PATH, rewritten);
    }
    switch (action.hostRewrite()) {
      case null -> {}
      case HostRewrite.Literal(String literal) ->
          request.set(HeaderNames.AUTHORITY, new AsciiString(literal));
      case HostRewrite.EndpointName() ->
          request.set(HeaderNames.AUTHORITY, new AsciiString(host.toString()));
    }
    AsciiString timeout = matched.expectedTimeout();
    if (timeout != null) {
      request.set(HeaderNames.X_ENVOY_EXPECTED_RQ_TIMEOUT_MS, timeout);
    }
    matched.requestHeaders().apply(request);
  }

  private void directResponse(RouteAction.DirectResponse direct) {
    details = LocalReply.DIRECT_RESPONSE.details();
    writeLocal(direct.status(), direct.body(), LocalReply.DIRECT_RESPONSE);
    finish();
  }

  private void redirect(CompiledRoute matched, RouteAction.Redirect action) {
    AsciiString path = request.path();
    if (path == null) {
      reply(LocalReply.BAD_REQUEST, "missing_path");
      return;
    }
    details = "direct_response";
    HeaderMap head = LocalReplyHead.http(action.status(), 0, false);
    head.add(AsciiString.cached("location"), matched.location(request, path));
    writeHead(head, true);
    finish();
  }

  /** More of the request may go up, if it can. */
  void onUpstreamReady() {
    UpstreamRequest current = upstream;
    if (current != null && current.isWritable()) {
      // After the whole request, too: only who reads sees the downstream peer go.
      downstream.resumeReading();
    }
  }

  void onUpstreamHeaders(HeaderMap headers, boolean endStream, long serviceMillis) {
    timer.responseBegun();
    if (requestComplete) {
      headers.set(HeaderNames.X_ENVOY_UPSTREAM_SERVICE_TIME, MillisText.of(serviceMillis));
    }
    details = "via_upstream";
    writeHead(headers, endStream);
    if (endStream) {
      finish();
    } else {
      pauseUpstreamIfNeeded();
    }
  }

  void onUpstreamData(ByteBuf data, boolean endStream) {
    bytesSent += data.readableBytes();
    timer.activity();
    downstream.writeData(data, endStream);
    if (endStream) {
      finish();
    } else {
      pauseUpstreamIfNeeded();
    }
  }

  private void pauseUpstreamIfNeeded() {
    UpstreamRequest current = upstream;
    if (current != null && !downstream.isWritable()) {
      current.pauseReading();
    }
  }

  void onUpstreamTrailers(HeaderMap trailers) {
    downstream.writeTrailers(trailers);
    finish();
  }

  void onUpstreamFailed(StreamError error, String detail) {
    LocalReply reply =
        switch (error) {
          case OVERFLOW -> LocalReply.UPSTREAM_OVERFLOW;
          case CONNECTION_TIMEOUT -> LocalReply.UPSTREAM_CONNECTION_TIMEOUT;
          default -> LocalReply.UPSTREAM_CONNECTION_FAILURE;
        };
    UpstreamRequest current = upstream;
    // Where nobody listens Envoy gives no reason; it does where the handshake failed.
    boolean transport =
        reply == LocalReply.UPSTREAM_CONNECTION_FAILURE
            && !detail.isEmpty()
            && current != null
            && current.cluster().config().tls() != null;
    String suffix = transport ? ", transport failure reason: " + detail : "";
    reply(reply, suffix, null);
  }

  void onUpstreamReset(StreamError error) {
    LocalReply reply =
        switch (error) {
          case CONNECTION_TERMINATION -> LocalReply.UPSTREAM_CONNECTION_TERMINATION;
          case REMOTE_REFUSED -> LocalReply.UPSTREAM_REMOTE_REFUSED;
          case PROTOCOL_ERROR -> LocalReply.UPSTREAM_PROTOCOL_ERROR;
          default -> LocalReply.UPSTREAM_REMOTE_RESET;
        };
    reply(reply, null);
  }

  // --- time-outs

  void onTimeout(StreamDeadlines.Expired expired) {
    UpstreamRequest current = upstream;
    switch (expired) {
      case NONE -> {}
      case REQUEST_HEADERS_TIMEOUT -> onHeadTimeout();
      case STREAM_IDLE_REQUEST_INCOMPLETE -> idle(LocalReply.STREAM_IDLE_TIMEOUT);
      case STREAM_IDLE_NO_RESPONSE, STREAM_IDLE_RESPONSE_BEGUN ->
          idle(LocalReply.STREAM_IDLE_NO_RESPONSE);
      case REQUEST_TIMEOUT, REQUEST_TIMEOUT_RESPONSE_BEGUN -> {
        if (current != null) {
          current.cluster().metrics().requestTimedOut();
        }
        reply(LocalReply.UPSTREAM_REQUEST_TIMEOUT, null);
      }
    }
  }

  /** The head is not complete: there is a request to log, and nothing known of it. */
  void onHeadTimeout() {
    connection.chain().metrics().headerTimeout();
    reply(LocalReply.REQUEST_HEADERS_TIMEOUT, null);
  }

  private void idle(LocalReply reply) {
    connection.chain().metrics().idleTimeout();
    reply(reply, null);
  }

  void onMaxStreamDuration() {
    UpstreamRequest current = upstream;
    if (current != null) {
      current.cluster().metrics().maxDurationReached();
    }
    reply(LocalReply.UPSTREAM_REQUEST_TIMEOUT, "upstream_max_stream_duration_reached");
  }

  // --- the response

  private void reply(LocalReply reply, String suffix, @Nullable String because) {
    if (finished) {
      return;
    }
    if (reply.flag() != null) {
      flag(reply.flag());
    }
    details = because == null ? reply.details() : because;
    if (response != null) {
      details = LocalReply.detailsAfterResponseStarted(details);
      // Too late for another response: the downstream peer must not take this one for complete.
      connection.chain().metrics().resetSent();
      finish();
      downstream.reset(StreamError.LOCAL_RESET);
      return;
    }
    writeLocal(reply.status(), reply.body() + suffix, reply);
    finish();
  }

  private void writeLocal(int status, String text, LocalReply reply) {
    boolean overloaded = reply == LocalReply.UPSTREAM_OVERFLOW;
    boolean refusesHead = reply == LocalReply.UPGRADE_REFUSED || reply == LocalReply.BAD_REQUEST;
    if (LocalReplyHead.isGrpc(request)) {
      writeHead(LocalReplyHead.grpc(status, text, overloaded), true);
      return;
    }
    byte[] body = LocalReplyHead.body(text);
    int length = body == null ? 0 : body.length;
    HeaderMap head = LocalReplyHead.http(status, length, overloaded);
    if (refusesHead && !isHttp2()) {
      // As Envoy: what such a peer sends next is not worth reading.
      head.add(HeaderNames.CONNECTION, LocalReplyHead.CLOSE);
    }
    AsciiString method = request.method();
    if (body == null || (method != null && method.contentEquals(HEAD))) {
      writeHead(head, true);
      return;
    }
    writeHead(head, false);
    bytesSent += length;
    downstream.writeData(Unpooled.wrappedBuffer(body), true);
  }

  private void writeHead(HeaderMap headers, boolean endStream) {
    CompiledRoute matched = route;
    if (matched != null) {
      matched.responseHeaders().apply(headers);
    }
    headers.set(HeaderNames.SERVER, ENVOY);
    if (!headers.contains(HeaderNames.DATE)) {
      headers.add(HeaderNames.DATE, connection.date());
    }
    response = headers;
    downstream.writeHeaders(headers, endStream);
  }

  private void flag(@Nullable ResponseFlag flag) {
    if (flag == null) {
      return;
    }
    EnumSet<ResponseFlag> set = flags;
    if (set == null) {
      set = EnumSet.noneOf(ResponseFlag.class);
      flags = set;
    }
    set.add(flag);
  }

  private void finish() {
    if (finished) {
      return;
    }
    finished = true;
    timer.stop();
    endNanos = System.nanoTime();
    UpstreamRequest current = upstream;
    if (current != null) {
      current.cancel();
    }
    while (waitingBody != null && !waitingBody.isEmpty()) {
      waitingBody.poll().release();
    }
    connection.chain().metrics().requestEnded(responseCode(), durationMillis());
    connection.services().accessLog().log(this);
  }

  boolean isFinished() {
    return finished;
  }

  // --- LoggedRequest

  @Override
  public long startTimeEpochMillis() {
    return startMillis;
  }

  @Override
  public long durationMillis() {
    return TimeUnit.NANOSECONDS.toMillis(endNanos - startNanos);
  }

  @Override
  public String protocol() {
    return downstream.version().toString();
  }

  @Override
  public int responseCode() {
    HeaderMap head = response;
    return head == null ? 0 : head.status();
  }

  @Override
  public Set<ResponseFlag> responseFlags() {
    return flags == null ? Set.of() : flags;
  }

  @Override
  public @Nullable String responseCodeDetails() {
    return details;
  }

  @Override
  public long bytesReceived() {
    return bytesReceived;
  }

  @Override
  public long bytesSent() {
    return bytesSent;
  }

  @Override
  public @Nullable CharSequence requestHeader(String name) {
    return request.get(name);
  }

  @Override
  public @Nullable CharSequence responseHeader(String name) {
    HeaderMap head = response;
    return head == null ? null : head.get(name);
  }

  @Override
  public @Nullable String upstreamHost() {
    UpstreamRequest current = upstream;
    return current == null ? null : current.host().toString();
  }

  @Override
  public @Nullable String upstreamCluster() {
    UpstreamRequest current = upstream;
    return current == null ? null : current.cluster().name();
  }

  @Override
  public @Nullable String downstreamPeerUriSan() {
    var identity = connection.peer().identity();
    return identity == null ? null : identity.spiffeId();
  }
}
