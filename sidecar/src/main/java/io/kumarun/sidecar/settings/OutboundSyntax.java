package io.kumarun.sidecar.settings;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Outbounds and labels as one writes them into a variable.
 *
 * <pre>
 *   10001=backend:80
 *   127.0.0.1:10002=MeshMultiZoneService/orders:8080
 *   10003=MeshService{app=orders,env=prod}:80
 *   10004=MeshExternalService/stripe
 *   10005=kuma.io/service=backend
 * </pre>
 */
final class OutboundSyntax {
  private static final String TAG = "kuma.io/service=";
  private static final Pattern LOCAL = Pattern.compile("(?:([0-9.]+|\\[[0-9A-Fa-f:.]+]):)?(\\d+)");
  private static final Pattern BACKEND =
      Pattern.compile("(?:(Mesh\\w+)(?:/|(?=\\{)))?(?:\\{([^}]*)}|([^{}:/]+))(?::(.+))?");
  private static final Set<String> KINDS =
      Set.of("MeshService", "MeshMultiZoneService", "MeshExternalService");

  private OutboundSyntax() {}

  /**
   * Reads a list, separated by commas or white space.
   *
   * @throws WrongValueException naming the entry that is wrong
   */
  static List<Outbound> outbounds(String text) {
    List<Outbound> outbounds = new ArrayList<>();
    Set<String> ports = new HashSet<>();
    for (String entry : entries(text)) {
      Outbound outbound = outbound(entry);
      if (!ports.add(outbound.address() + ":" + outbound.port())) {
        throw new WrongValueException(entry + ": port " + outbound.port() + " is taken twice");
      }
      outbounds.add(outbound);
    }
    return List.copyOf(outbounds);
  }

  /**
   * Reads labels, {@code key=value} each.
   *
   * @throws WrongValueException naming the label that is wrong
   */
  static Map<String, String> labels(String text) {
    Map<String, String> labels = new LinkedHashMap<>();
    for (String entry : entries(text)) {
      int at = entry.indexOf('=');
      String key = at < 0 ? entry : entry.substring(0, at);
      String value = at < 0 ? "" : entry.substring(at + 1);
      if (!NameSyntax.isLabelKey(key) || !NameSyntax.isLabelValue(value)) {
        throw new WrongValueException(
            entry
                + ": a label is key=value; each at most 63 letters, digits, '-', '_' or '.', with a"
                + " letter or digit at both ends");
      }
      labels.put(key, value);
    }
    return Map.copyOf(labels);
  }

  private static Outbound outbound(String entry) {
    int at = entry.indexOf('=');
    Matcher local = LOCAL.matcher(at < 0 ? entry : entry.substring(0, at));
    if (at < 0 || !local.matches()) {
      throw new WrongValueException(
          entry + ": an outbound is PORT=SERVICE, as in 10001=backend:80");
    }
    String address = local.group(1);
    return new Outbound(
        address == null ? null : address.replaceAll("[\\[\\]]", ""),
        port(local.group(2), entry),
        target(entry.substring(at + 1), entry));
  }

  private static Outbound.Target target(String text, String entry) {
    if (text.startsWith(TAG)) {
      String service = text.substring(TAG.length());
      if (!service.matches("[a-zA-Z0-9.\\-_:]+")) {
        throw new WrongValueException(entry + ": \"" + service + "\" cannot be a kuma.io/service");
      }
      return new Outbound.ServiceTag(service);
    }
    Matcher backend = BACKEND.matcher(text);
    if (!backend.matches()) {
      throw new WrongValueException(
          entry + ": the service is NAME:PORT, KIND/NAME:PORT or KIND{label=value}:PORT");
    }
    String kind = backend.group(1) == null ? "MeshService" : backend.group(1);
    if (!KINDS.contains(kind)) {
      throw new WrongValueException(
          entry
              + ": there is no kind "
              + kind
              + ", only MeshService, MeshMultiZoneService and MeshExternalService");
    }
    Map<String, String> labels =
        backend.group(2) == null ? Map.of() : labels(String.valueOf(backend.group(2)));
    if (backend.group(3) == null && labels.isEmpty()) {
      throw new WrongValueException(entry + ": neither a name nor a label says which " + kind);
    }
    return new Outbound.BackendRef(
        kind, backend.group(3), labels, backendPort(kind, backend.group(4), entry));
  }

  private static @Nullable Integer backendPort(String kind, @Nullable String text, String entry) {
    if (text != null) {
      return port(text, entry);
    }
    if (!kind.equals("MeshExternalService")) {
      throw new WrongValueException(entry + ": a " + kind + " needs the number of its port");
    }
    return null;
  }

  private static int port(String text, String entry) {
    if (!text.matches("\\d{1,5}")
        || Integer.parseInt(text) < 1
        || Integer.parseInt(text) > 65_535) {
      throw new WrongValueException(
          entry + ": \"" + text + "\" is no port; it must be a number from 1 to 65535");
    }
    return Integer.parseInt(text);
  }

  /** Commas within braces separate labels, not entries. */
  private static List<String> entries(String text) {
    List<String> entries = new ArrayList<>();
    StringBuilder entry = new StringBuilder();
    int depth = 0;
    for (char c : (text + ",").toCharArray()) {
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (depth > 0 || (c != ',' && !Character.isWhitespace(c))) {
        entry.append(c);
      } else if (!entry.isEmpty()) {
        entries.add(entry.toString());
        entry.setLength(0);
      }
    }
    if (!entry.isEmpty()) {
      throw new WrongValueException(entry + ": a brace is not closed");
    }
    return entries;
  }
}
