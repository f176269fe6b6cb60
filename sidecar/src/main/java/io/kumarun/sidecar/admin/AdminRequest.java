package io.kumarun.sidecar.admin;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is asked for. Immutable.
 *
 * @param query parameters as they were given
 * @param host of the {@code host} field, without a port; empty: there was none
 */
record AdminRequest(String method, String path, Map<String, List<String>> query, String host) {
  private static final int MAX_PARAMETERS = 32;

  /**
   * Reads a request.
   *
   * @throws IllegalArgumentException the target is no path with parameters
   */
  static AdminRequest of(String method, String target, String authority) {
    QueryStringDecoder decoder =
        new QueryStringDecoder(target, StandardCharsets.UTF_8, true, MAX_PARAMETERS);
    int colon = authority.lastIndexOf(':');
    String host = colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
    return new AdminRequest(method, decoder.path(), decoder.parameters(), host);
  }

  /** GET or HEAD. */
  boolean reads() {
    return method.equals("GET") || method.equals("HEAD");
  }

  /**
   * Whether it was addressed to this machine. A page of a browser can make a name of its own lead
   * here (DNS rebinding), and would read what it is not meant to.
   */
  boolean addressedByAddress() {
    return host.isEmpty()
        || host.equals("localhost")
        || NetUtil.createByteArrayFromIpAddressString(host) != null;
  }

  /** Whether a parameter is there, with whatever value. */
  boolean has(String parameter) {
    return query.containsKey(parameter);
  }

  /** Its first value; null if it is not there, or empty. */
  @Nullable String value(String parameter) {
    List<String> values = query.getOrDefault(parameter, List.of());
    return values.isEmpty() || values.getFirst().isEmpty() ? null : values.getFirst();
  }

  /** {@code ?format=}: {@code text} if it is not given. */
  String format() {
    String format = value("format");
    return format == null ? "text" : format;
  }
}
