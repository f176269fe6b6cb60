package io.kumarun.sidecar.dataplane;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kumarun.kuma.DataplaneResource;
import io.kumarun.sidecar.settings.Derivation;
import io.kumarun.sidecar.settings.KumaVersion;
import io.kumarun.sidecar.settings.NameSyntax;
import io.kumarun.sidecar.settings.Outbound;
import io.kumarun.sidecar.settings.PlatformVariables;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes a Dataplane from what the environment and the platform say. What it may look like is in
 * Kuma's dataplane_validator.go; the three labels are how a peer finds the URL of the service.
 */
final class DataplaneDerivation {
  /** TEST-NET-3 (RFC 5737): nobody can reach it, so nobody is reached in our place. */
  private static final String NEVER_ROUTABLE = "203.0.113.1";

  private static final String LOOPBACK = "127.0.0.1";
  private static final int LONGEST_NAME = 63;
  private static final int HASH_DIGITS = 10;

  private final Derivation derivation;
  private final PlatformVariables platform;
  private final InstanceFacts facts;
  private final String service;

  DataplaneDerivation(Derivation derivation, PlatformVariables platform, InstanceFacts facts) {
    this.derivation = derivation;
    this.platform = platform;
    this.facts = facts;
    this.service = service();
  }

  DataplaneResource resource(String mesh) {
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("type", "Dataplane");
    root.put("mesh", mesh);
    root.put("name", name());
    ObjectNode labelNode = root.putObject("labels");
    labels().forEach(labelNode::put);
    ObjectNode networking = root.putObject("networking");
    networking.put("address", address());
    Integer appPort = derivation.appPort();
    if (appPort != null) {
      inbound(networking.putArray("inbound").addObject(), appPort);
    }
    if (!derivation.outbounds().isEmpty()) {
      ArrayNode outbounds = networking.putArray("outbound");
      derivation.outbounds().forEach(outbound -> outbound(outbounds.addObject(), outbound));
    }
    return DataplaneResource.parse(root.toString());
  }

  private String service() {
    for (@Nullable String given :
        Arrays.asList(derivation.service(), platform.name(), derivation.workload())) {
      String clean = given == null ? "" : NameSyntax.toDnsLabel(given, LONGEST_NAME);
      if (!clean.isEmpty()) {
        return clean;
      }
    }
    return "dataplane";
  }

  private String workload() {
    String given = derivation.workload();
    return given == null ? service : given;
  }

  private String name() {
    String start = NameSyntax.toDnsLabel(service, LONGEST_NAME - HASH_DIGITS - 1);
    return start + "-" + hash(uniqueText());
  }

  /** The tasks of a job may share an instance. */
  private String uniqueText() {
    String task =
        platform.execution() == null
            ? ""
            : platform.execution() + "/" + platform.taskIndex() + "/" + platform.taskAttempt();
    if (facts.id() != null) {
      return facts.id() + task;
    }
    if (!task.isEmpty()) {
      return task;
    }
    String hostname = platform.hostname();
    return hostname == null || hostname.equals("localhost")
        ? UUID.randomUUID().toString()
        : hostname;
  }

  private String address() {
    String given = derivation.address();
    String own = facts.address();
    return given != null ? given : own != null ? own : NEVER_ROUTABLE;
  }

  private Map<String, String> labels() {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("kuma.io/workload", workload());
    labels.putAll(whereItRuns());
    putClean(labels, "cloudrun-revision", platform.revision());
    putClean(labels, "cloudrun-job", platform.job());
    putClean(labels, "cloudrun-execution", platform.execution());
    putClean(labels, "cloudrun-worker-pool", platform.workerPool());
    putClean(labels, "cloudrun-revision", platform.workerPoolRevision());
    labels.putAll(new TreeMap<>(derivation.labels()));
    return labels;
  }

  /** Together they are the service's URL. */
  private Map<String, String> whereItRuns() {
    Map<String, String> labels = new LinkedHashMap<>();
    putClean(labels, "cloudrun-service", platform.service());
    putClean(labels, "cloudrun-project-number", facts.projectNumber());
    putClean(labels, "cloudrun-region", facts.region());
    return labels;
  }

  private static void putClean(Map<String, String> labels, String key, @Nullable String value) {
    String clean = value == null ? "" : NameSyntax.toLabelValue(value);
    if (!clean.isEmpty()) {
      labels.put(key, clean);
    }
  }

  /** No {@code address}: where it is set, the control plane hands it to peers. */
  private void inbound(ObjectNode inbound, int appPort) {
    Integer port = derivation.inboundPort();
    inbound.put("port", port == null ? appPort : port);
    inbound.put("servicePort", appPort);
    inbound.put("serviceAddress", LOOPBACK);
    if (derivation.kuma() == KumaVersion.V3) {
      inbound.put("protocol", derivation.appProtocol());
      return;
    }
    ObjectNode tags = inbound.putObject("tags");
    tags.put("kuma.io/service", service);
    tags.put("kuma.io/protocol", derivation.appProtocol());
    // 2.13 shows peers the tags only.
    whereItRuns().forEach(tags::put);
  }

  private static void outbound(ObjectNode node, Outbound outbound) {
    node.put("address", outbound.address() == null ? LOOPBACK : outbound.address());
    node.put("port", outbound.port());
    switch (outbound.target()) {
      case Outbound.ServiceTag(String tag) -> node.putObject("tags").put("kuma.io/service", tag);
      case Outbound.BackendRef backend -> {
        ObjectNode reference = node.putObject("backendRef").put("kind", backend.kind());
        if (backend.name() != null) {
          reference.put("name", backend.name());
        }
        if (!backend.labels().isEmpty()) {
          ObjectNode labels = reference.putObject("labels");
          new TreeMap<>(backend.labels()).forEach(labels::put);
        }
        if (backend.port() != null) {
          reference.put("port", backend.port());
        }
      }
    }
  }

  private static String hash(String text) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, HASH_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every platform has it
    }
  }
}
