package io.kumarun.proxy.cluster;

import java.util.Map;
import java.util.WeakHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells an operator of endpoints that TLS was not established with: each reason of an endpoint
 * once, until it changes or a connection succeeds. A request says it too, in its answer and its
 * line of the access log, but a TCP connection can only be closed. One per event loop.
 */
final class UpstreamRefusals {
  private static final Logger log = LoggerFactory.getLogger(UpstreamRefusals.class);

  /** Weak: an endpoint that is configured no more is not kept for this. */
  private final Map<Host, String> reasons = new WeakHashMap<>();

  void refused(Cluster cluster, Host host, String sentence) {
    if (!sentence.equals(reasons.put(host, sentence))) {
      log.warn("cluster {}: no connection to endpoint {}: {}", cluster.name(), host, sentence);
    }
  }

  void accepted(Host host) {
    if (!reasons.isEmpty()) {
      reasons.remove(host);
    }
  }
}
