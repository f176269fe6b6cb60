package io.kumarun.kuma.health;

import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How an endpoint is checked. Immutable. */
sealed interface Probe {

  /** Envoy's own {@code GET /ready}: this process knows the answer. */
  record OwnReadiness() implements Probe {}

  /**
   * A connection that is accepted is enough.
   *
   * @param source address to connect from; null: any
   */
  record Tcp(InetSocketAddress address, @Nullable InetSocketAddress source) implements Probe {}

  /**
   * {@code GET} over HTTP/1.1.
   *
   * @param source address to connect from; null: any
   * @param host the {@code host} header
   * @param expected statuses that are a success
   */
  record Http(
      InetSocketAddress address,
      @Nullable InetSocketAddress source,
      String host,
      String path,
      List<StatusRange> expected)
      implements Probe {
    public Http {
      expected = List.copyOf(expected);
    }

    boolean expects(int status) {
      for (StatusRange range : expected) {
        if (status >= range.from() && status < range.to()) {
          return true;
        }
      }
      return false;
    }
  }

  /** Not checked, so never called unhealthy. */
  record Unsupported(String why) implements Probe {}

  /** From (included) to (excluded). */
  record StatusRange(int from, int to) {}
}
