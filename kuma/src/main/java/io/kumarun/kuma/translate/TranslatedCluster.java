package io.kumarun.kuma.translate;

import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.proxy.config.EndpointConfig;
import io.kumarun.tls.ClientTls;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A cluster whose endpoints (EDS) and secrets are names still.
 *
 * @param shape null: known, and not served (its notes say why); requests for it find no cluster
 * @param edsName the endpoints it needs; null: they are in the shape
 */
public record TranslatedCluster(
    @Nullable ClusterConfig shape,
    @Nullable UpstreamTls tls,
    @Nullable String edsName,
    List<Note> notes)
    implements Translated {
  public TranslatedCluster {
    notes = List.copyOf(notes);
  }

  @Override
  public boolean served() {
    return shape != null;
  }

  /** The secrets it needs. */
  public Set<String> secrets() {
    Set<String> names = new LinkedHashSet<>();
    if (tls != null) {
      tls.collectSecrets(names);
    }
    return names;
  }

  /**
   * The complete cluster.
   *
   * @param fromEds ignored where {@code edsName} is null
   * @return null: a secret is missing, and {@code secrets} says which. Never cleartext instead
   */
  public @Nullable ClusterConfig resolve(SecretLookup secrets, List<EndpointConfig> fromEds) {
    if (shape == null) {
      return null;
    }
    ClientTls resolved = tls == null ? null : tls.resolve(secrets);
    if (tls != null && resolved == null) {
      return null;
    }
    List<EndpointConfig> endpoints = edsName == null ? shape.endpoints() : fromEds;
    return new ClusterConfig(
        shape.name(),
        shape.statName(),
        shape.protocol(),
        edsName == null ? shape.discovery() : EndpointTranslator.discovery(endpoints),
        resolved,
        shape.connectTimeout(),
        shape.idleTimeout(),
        shape.maxConnectionDuration(),
        shape.maxStreamDuration(),
        shape.limits(),
        endpoints);
  }
}
