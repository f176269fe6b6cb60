package io.kumarun.devmesh.controlplane;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Fetches a bootstrap as kuma-dp does, for starting an Envoy by hand. Any thread; blocks. */
public final class BootstrapClient {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /**
   * An answer of {@code /bootstrap}.
   *
   * @param status HTTP status
   * @param body as it came
   */
  public record Answer(int status, String body) {

    /**
     * The Envoy bootstrap inside.
     *
     * @throws IllegalStateException if the answer is an error
     */
    public String yaml() {
      if (status != 200) {
        throw new IllegalStateException("Bootstrap was refused with " + status + ": " + body);
      }
      try {
        String encoded = new ObjectMapper().readTree(body).path("bootstrap").asText();
        return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new IllegalStateException("Bootstrap did not answer with JSON: " + body, e);
      }
    }
  }

  private final URI controlPlane;
  private final HttpClient client;

  /**
   * Creates one.
   *
   * @param controlPlane its URL without a path
   * @param authority what its server certificate is verified with
   */
  public BootstrapClient(URI controlPlane, X509Certificate authority) {
    this.controlPlane = controlPlane;
    this.client = HttpClient.newBuilder().sslContext(trusting(authority)).build();
  }

  /** Posts a request and waits for the answer. */
  public Answer post(String json) {
    HttpRequest request =
        HttpRequest.newBuilder(controlPlane.resolve("/bootstrap"))
            .timeout(TIMEOUT)
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build();
    try {
      HttpResponse<String> response =
          client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      return new Answer(response.statusCode(), response.body());
    } catch (IOException e) {
      throw new UncheckedIOException("The control plane at " + controlPlane + " did not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for a bootstrap", e);
    }
  }

  private static SSLContext trusting(X509Certificate authority) {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("control-plane", authority);
      TrustManagerFactory managers =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("The authority of the control plane could not be used", e);
    }
  }
}
