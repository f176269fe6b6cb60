package io.kumarun.sidecar.dataplane;

import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Google's metadata server, which is on the same host: short time-outs, all questions at once,
 * each asked a second time if it fails. Whatever answers under its name, an answer is short, comes
 * in time and looks like what was asked for, or is none.
 */
final class MetadataServer {
  private static final Logger LOG = LoggerFactory.getLogger(MetadataServer.class);
  private static final String DEFAULT_HOST = "metadata.google.internal";
  private static final String FLAVOR = "Metadata-Flavor";
  private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(1);
  private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(2);
  private static final int LONGEST_ANSWER = 1024;
  private static final Pattern ID = Pattern.compile("[0-9A-Za-z_-]+");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+");
  private static final Pattern REGION = Pattern.compile("([^/]+/)*[a-z][a-z0-9-]*");
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9A-Fa-f:]+");

  private final String base;
  private final Duration patience;

  /**
   * Asks nothing yet.
   *
   * @param host with or without a port; null: the usual one
   */
  MetadataServer(@Nullable String host) {
    this(host, ANSWER_PATIENCE);
  }

  MetadataServer(@Nullable String host, Duration patience) {
    this.patience = patience;
    base = "http://" + (host == null ? DEFAULT_HOST : host) + "/computeMetadata/v1/";
  }

  /**
   * Asks for everything that a Dataplane needs. What has no answer is null, and named in the log.
   *
   * @param withAddress only worker pools have one
   */
  InstanceFacts facts(boolean withAddress) {
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(CONNECT_PATIENCE)
            .build();
    try {
      CompletableFuture<String> id = ask(client, "instance/id", ID);
      CompletableFuture<String> projectNumber = ask(client, "project/numeric-project-id", NUMBER);
      CompletableFuture<String> region = ask(client, "instance/region", REGION);
      CompletableFuture<String> address =
          withAddress
              ? ask(client, "instance/network-interfaces/0/ip", ADDRESS)
              : CompletableFuture.completedFuture("");
      return new InstanceFacts(
          answer(id),
          answer(projectNumber),
          lastSegment(answer(region)), // projects/NUMBER/regions/REGION
          answer(address));
    } catch (IllegalArgumentException e) {
      LOG.warn("The metadata server cannot be asked at {}: {}", base, e.getMessage());
      return InstanceFacts.NONE;
    } finally {
      client.shutdownNow();
    }
  }

  private CompletableFuture<String> ask(HttpClient client, String path, Pattern expected) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + path)).header(FLAVOR, "Google").build();
    return send(client, request, expected)
        .exceptionallyCompose(failure -> send(client, request, expected))
        .exceptionally(
            failure -> {
              LOG.warn(
                  "The metadata server does not say {} (asked {}: {}); the Dataplane goes without",
                  path,
                  base,
                  reason(failure));
              return "";
            });
  }

  /** The time-out is of the whole answer; that of the client would be of its head. */
  private CompletableFuture<String> send(HttpClient client, HttpRequest request, Pattern expected) {
    return client
        .sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofString(), LONGEST_ANSWER))
        .thenApply(response -> body(response, expected))
        .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static String body(HttpResponse<String> response, Pattern expected) {
    if (response.statusCode() != 200) {
      throw new IllegalStateException("status " + response.statusCode());
    }
    String body = response.body().strip();
    if (!expected.matcher(body).matches()) {
      throw new IllegalStateException("its answer is of another kind");
    }
    return body;
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    if (cause instanceof TimeoutException) {
      return "no answer in time";
    }
    if (cause instanceof ConnectException) {
      return "no connection";
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  private static @Nullable String answer(CompletableFuture<String> future) {
    String answer = future.join();
    return answer.isEmpty() ? null : answer;
  }

  private static @Nullable String lastSegment(@Nullable String path) {
    return path == null ? null : path.substring(path.lastIndexOf('/') + 1);
  }
}
