package io.kumarun.devmesh.controlplane;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.kumarun.devmesh.authority.ControlPlaneIdentity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /bootstrap} (contract §1.2, §1.3): 404 with an empty body for a Dataplane that does
 * not exist, 422 without a token, 400 for a host or an authority that cannot work. As in Kuma, the
 * token itself is not looked at. Any thread.
 */
final class BootstrapHandler implements HttpHandler {

  private static final String TOKEN_REQUIRED =
      "Dataplane Token is required. Generate token using 'kumactl generate dataplane-token >"
          + " /path/file' and provide it via --dataplane-token-file=/path/file argument to Kuma DP";
  private static final String NOT_CA =
      "A data plane proxy is trying to verify the control plane using the certificate which is not"
          + " a certificate authority (basic constraint 'CA' is set to 'false').\n"
          + "Provide CA that was used to sign a certificate used in the control plane by using"
          + " 'kuma-dp run --ca-cert-file=file' or via KUMA_CONTROL_PLANE_CA_CERT_FILE";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Registrations registrations;
  private final Journal journal;
  private final Conduct conduct;
  private final BootstrapDocument document;

  BootstrapHandler(
      Registrations registrations, Journal journal, Conduct conduct, BootstrapDocument document) {
    this.registrations = registrations;
    this.journal = journal;
    this.conduct = conduct;
    this.document = document;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      JsonNode request = parse(body);
      String nodeId =
          request == null
              ? ""
              : request.path("mesh").asText() + "." + request.path("name").asText();
      int status;
      byte[] answer;
      try {
        conduct.hang();
        if (conduct.current() instanceof Misbehaviour.RefusesBootstrap refuses) {
          throw new BootstrapRefusal(refuses.status(), refuses.text());
        }
        DataplaneResource dataplane = admissible(request, host(exchange));
        String yaml = document.yaml(known(request), dataplane, host(exchange));
        boolean json = "application/json".equals(exchange.getRequestHeaders().getFirst("accept"));
        exchange
            .getResponseHeaders()
            .set("content-type", json ? "application/json" : "text/x-yaml");
        answer = json ? envelope(yaml, dataplane) : yaml.getBytes(StandardCharsets.UTF_8);
        status = 200;
      } catch (BootstrapRefusal refusal) {
        status = refusal.status();
        answer = refusal.text().getBytes(StandardCharsets.UTF_8);
      }
      journal.record(new AdsEvent.Bootstrapped(nodeId, status));
      exchange.sendResponseHeaders(status, answer.length == 0 ? -1 : answer.length);
      if (answer.length > 0) {
        exchange.getResponseBody().write(answer);
      }
    }
  }

  private static JsonNode known(@Nullable JsonNode request) throws BootstrapRefusal {
    if (request == null) {
      throw new BootstrapRefusal(400, "");
    }
    return request;
  }

  private DataplaneResource admissible(@Nullable JsonNode body, String host)
      throws BootstrapRefusal {
    JsonNode request = known(body);
    String proxyType = request.path("proxyType").asText();
    if (!proxyType.isEmpty() && !proxyType.equals("dataplane")) {
      throw new BootstrapRefusal(422, "unsupported proxy type \"" + proxyType + "\"");
    }
    if (!ControlPlaneIdentity.HOSTS.contains(host)) {
      throw new BootstrapRefusal(
          400,
          "A data plane proxy is trying to connect to the control plane using \"%s\" address, but the certificate in the control plane has the following SANs %s."
              .formatted(host, ControlPlaneIdentity.HOSTS));
    }
    if (request.path("dataplaneToken").asText().isEmpty()
        && request.path("dataplaneTokenPath").asText().isEmpty()) {
      throw new BootstrapRefusal(422, TOKEN_REQUIRED);
    }
    DataplaneResource dataplane = dataplane(request);
    refuseLeafAsAuthority(request.path("caCert").asText());
    return dataplane;
  }

  private DataplaneResource dataplane(JsonNode request) throws BootstrapRefusal {
    String mesh = request.path("mesh").asText();
    String json = request.path("dataplaneResource").asText();
    DataplaneResource dataplane;
    if (json.isEmpty()) {
      dataplane =
          registrations
              .created(mesh + "." + request.path("name").asText())
              .orElseThrow(() -> new BootstrapRefusal(404, ""));
    } else {
      try {
        dataplane = DataplaneResource.parse(json, true);
      } catch (IllegalArgumentException e) {
        throw new BootstrapRefusal(422, String.valueOf(e.getMessage()));
      }
    }
    if (!registrations.hasMesh(dataplane.mesh())) {
      throw new BootstrapRefusal(422, "mesh: mesh \"" + dataplane.mesh() + "\" does not exist");
    }
    return dataplane;
  }

  private static void refuseLeafAsAuthority(String pem) throws BootstrapRefusal {
    if (pem.isEmpty()) {
      return;
    }
    try {
      X509Certificate certificate =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(
                      new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
      if (certificate.getBasicConstraints() < 0) {
        throw new BootstrapRefusal(400, NOT_CA);
      }
    } catch (CertificateException e) {
      throw new BootstrapRefusal(500, "");
    }
  }

  private static byte[] envelope(String yaml, DataplaneResource dataplane) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.put(
        "bootstrap", Base64.getEncoder().encodeToString(yaml.getBytes(StandardCharsets.UTF_8)));
    ObjectNode configuration = root.putObject("kumaSidecarConfiguration");
    configuration
        .putObject("networking")
        .put("address", dataplane.address())
        .putNull("corefileTemplate");
    configuration.putObject("metrics").putArray("aggregate");
    return JSON.writeValueAsBytes(root);
  }

  private static @Nullable JsonNode parse(byte[] body) throws IOException {
    try {
      JsonNode node = JSON.readTree(body);
      return node.isObject() ? node : null;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  /** The host name the client used, without its port. */
  private static String host(HttpExchange exchange) {
    String host = exchange.getRequestHeaders().getFirst("host");
    if (host == null) {
      return "";
    }
    String lower = host.toLowerCase(Locale.ROOT);
    if (lower.startsWith("[")) {
      return lower.substring(1, Math.max(1, lower.indexOf(']')));
    }
    int colon = lower.indexOf(':');
    return colon < 0 ? lower : lower.substring(0, colon);
  }
}
