package io.kumarun.kuma.translate;

import com.google.protobuf.Any;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The kinds of resource that are asked for (contract §2.2), in the order in which Envoy takes them.
 */
public enum ResourceKind {
  CLUSTER("cluster", "envoy.config.cluster.v3.Cluster", true),
  ENDPOINTS("endpoints", "envoy.config.endpoint.v3.ClusterLoadAssignment", false),
  SECRET("secret", "envoy.extensions.transport_sockets.tls.v3.Secret", false),
  LISTENER("listener", "envoy.config.listener.v3.Listener", true);

  private static final List<ResourceKind> ALL = List.of(values());

  private final String label;
  private final String typeUrl;
  private final boolean wildcard;

  ResourceKind(String label, String messageName, boolean wildcard) {
    this.label = label;
    this.typeUrl = "type.googleapis.com/" + messageName;
    this.wildcard = wildcard;
  }

  /** The word used in messages. */
  public String label() {
    return label;
  }

  public String typeUrl() {
    return typeUrl;
  }

  /** Whether all resources are subscribed to, and not some by name. */
  public boolean wildcard() {
    return wildcard;
  }

  /** Null: a type that is never asked for. */
  public static @Nullable ResourceKind ofTypeUrl(String typeUrl) {
    for (ResourceKind kind : ALL) {
      if (kind.typeUrl.equals(typeUrl)) {
        return kind;
      }
    }
    return null;
  }

  /**
   * Translates one resource.
   *
   * @param name as the response gives it; the resource must carry the same
   * @throws ResourceRejectedException and nothing else, whatever the bytes are
   */
  public Translated translate(String name, Any resource) {
    FieldPath path = new FieldPath(label + " " + name);
    try {
      return switch (this) {
        case CLUSTER -> ClusterTranslator.translate(name, resource, path);
        case ENDPOINTS -> EndpointTranslator.translate(name, resource, path);
        case SECRET -> SecretTranslator.translate(name, resource, path);
        case LISTENER -> ListenerTranslator.translate(name, resource, path);
      };
    } catch (ResourceRejectedException e) {
      throw e;
    } catch (RuntimeException
        | StackOverflowError e) { // the latter: nested too deeply for a parser
      throw path.rejected("cannot be used: " + e.getClass().getSimpleName());
    }
  }

  /**
   * What a resource holds that changes nothing here: values that were left out, and fields and
   * extensions that nobody reads. Never fails, and is bounded.
   *
   * @param translated from this resource
   */
  public List<Note> unapplied(Any resource, Translated translated) {
    List<Note> unapplied = new ArrayList<>(translated.notes());
    if (translated.served()) {
      unapplied.addAll(UnappliedFields.of(resource));
    }
    return unapplied;
  }
}
