package io.kumarun.kuma;

import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.proxy.config.ListenerConfig;
import io.kumarun.proxy.config.MeshConfig;
import io.kumarun.tls.TlsCertificate;
import java.lang.reflect.RecordComponent;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A configuration as lines to compare and to read: one for each listener, chain, filter, route,
 * cluster and endpoint, in a stable order. What is empty, false or null is left out; certificates
 * are names or digests.
 */
final class ConfigText {
  /** Record components whose records get lines of their own. */
  private static final Set<String> LINES =
      Set.of(
          "filterChains",
          "networkFilters",
          "terminal",
          "filters",
          "routes",
          "virtualHosts",
          "endpoints");

  private final StringBuilder text = new StringBuilder();

  private ConfigText() {}

  static String of(MeshConfig config) {
    ConfigText text = new ConfigText();
    for (ListenerConfig listener : new TreeMap<>(config.listeners()).values()) {
      text.line("", listener);
    }
    for (ClusterConfig cluster : new TreeMap<>(config.clusters()).values()) {
      text.line("", cluster);
    }
    return text.text.toString();
  }

  private void line(String indent, Record value) {
    text.append(indent).append(value.getClass().getSimpleName());
    StringJoiner inline = new StringJoiner(" ", " ", "\n").setEmptyValue("\n");
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      if (!LINES.contains(component.getName())) {
        String described = inline(get(component, value));
        if (described != null) {
          inline.add(component.getName() + "=" + described);
        }
      }
    }
    text.append(inline);
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      if (LINES.contains(component.getName())) {
        Object below = get(component, value);
        for (Object each : below instanceof List<?> list ? list : List.of(below)) {
          line(indent + " ", (Record) each);
        }
      }
    }
  }

  private static @Nullable String inline(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case TlsCertificate certificate -> certificate.name();
      case X509Certificate certificate -> digest(certificate);
      case String string -> string.isEmpty() ? null : string;
      case Boolean flag -> flag ? "true" : null;
      case Collection<?> elements -> elements.isEmpty() ? null : list(elements);
      case Map<?, ?> map -> map.isEmpty() ? null : map(map);
      case Record each -> inline(each);
      default -> value.toString();
    };
  }

  /** Null: there is nothing in it. */
  static @Nullable String inline(Record value) {
    RecordComponent[] components = value.getClass().getRecordComponents();
    StringJoiner inline = new StringJoiner(" ", value.getClass().getSimpleName() + "(", ")");
    boolean empty = components.length > 0;
    for (RecordComponent component : components) {
      String described = inline(get(component, value));
      if (described != null) {
        inline.add(components.length == 1 ? described : component.getName() + "=" + described);
        empty = false;
      }
    }
    return empty ? null : inline.toString();
  }

  private static String list(Collection<?> elements) {
    StringJoiner list = new StringJoiner(", ", "[", "]");
    for (Object each : elements instanceof Set<?> set ? new TreeSet<Object>(set) : elements) {
      list.add(String.valueOf(inline(each)));
    }
    return list.toString();
  }

  private static String map(Map<?, ?> map) {
    StringJoiner entries = new StringJoiner(", ", "{", "}");
    new TreeMap<Object, Object>(map)
        .forEach((key, value) -> entries.add(key + ": " + inline(value)));
    return entries.toString();
  }

  private static @Nullable Object get(RecordComponent component, Record value) {
    try {
      return component.getAccessor().invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String digest(X509Certificate certificate) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
      return "sha256:" + HexFormat.of().formatHex(digest, 0, 4);
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
