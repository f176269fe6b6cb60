package io.kumarun.sidecar.dataplane;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Google's metadata server, which is on the same host: short time-outs, all questions at once,
 * each asked a second time if it fails.
 */
final class MetadataServer {
  private static final Logger LOG = LoggerFactory.getLogger(MetadataServer.class);
  private static final String DEFAULT_HOST = "metadata.google.internal";
  private static final String FLAVOR = "Metadata-Flavor";
  private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(1);
  private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(2);

  private final String base;

  /**
   * Asks nothing yet.
   *
   * @param host with or without a port; null: the usual one
   */
  MetadataServer(@Nullable String host) {
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
      CompletableFuture<String> id = ask(client, "instance/id");
      CompletableFuture<String> projectNumber = ask(client, "project/numeric-project-id");
      CompletableFuture<String> region = ask(client, "instance/region");
      CompletableFuture<String> address =
          withAddress
              ? ask(client, "instance/network-interfaces/0/ip")
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

  private CompletableFuture<String> ask(HttpClient client, String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + path))
            .header(FLAVOR, "Google")
            .timeout(ANSWER_PATIENCE)
            .build();
    return send(client, request)
        .exceptionallyCompose(failure -> send(client, request))
        .exceptionally(
            failure -> {
              LOG.warn("The metadata server does not say {}: {}", path, reason(failure));
              return "";
            });
  }

  private static CompletableFuture<String> send(HttpClient client, HttpRequest request) {
    return client.sendAsync(request, BodyHandlers.ofString()).thenApply(MetadataServer::body);
  }

  private static String body(HttpResponse<String> response) {
    if (response.statusCode() != 200) {
      throw new IllegalStateException("status " + response.statusCode());
    }
    return response.body().strip();
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
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
