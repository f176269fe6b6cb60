package io.kumarun.proxy.filter;

import io.kumarun.proxy.config.PermissionConfig;
import io.kumarun.proxy.permission.ConnectionFacts;
import io.kumarun.proxy.permission.PermissionPolicy;
import io.kumarun.proxy.permission.PermissionPolicy.Decision;
import io.kumarun.proxy.permission.Refusals;
import io.kumarun.telemetry.HttpMetrics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * MeshTrafficPermission on HTTP (Envoy's {@code envoy.filters.http.rbac}): a peer that is not
 * allowed gets 403 and Envoy's body. Everything Kuma decides on belongs to the connection, so the
 * decision is made once for it.
 */
public final class PermissionFilter implements HttpFilterFactory {
  private static final Logger log = LoggerFactory.getLogger(PermissionFilter.class);

  private final PermissionPolicy policy;
  private final HttpMetrics metrics;
  private final String statPrefix;
  private final Refusals refusals = new Refusals();

  /**
   * @param statPrefix of the connection manager, for the log
   * @throws IllegalArgumentException if the configuration holds a regular expression that is not
   *     RE2
   */
  public PermissionFilter(PermissionConfig config, HttpMetrics metrics, String statPrefix) {
    this.policy = PermissionPolicy.compile(config);
    this.metrics = metrics;
    this.statPrefix = statPrefix;
  }

  @Override
  public HttpFilter forConnection(ConnectionFacts facts) {
    Decision decision = policy.decide(facts);
    if (decision.allowed()) {
      return context -> {
        metrics.rbacAllowed();
        return HttpFilter.Outcome.CONTINUE;
      };
    }
    String details = deniedDetails(decision.policy());
    String peer = facts.shownName();
    if (refusals.isNews(peer, details)) {
      log.info("{}: {} has no permission: {}", statPrefix, peer, details);
    }
    return context -> {
      metrics.rbacDenied();
      context.reply(LocalReply.PERMISSION_DENIED, details);
      return HttpFilter.Outcome.WAIT;
    };
  }

  private static String deniedDetails(String policyName) {
    // Envoy: rbac_access_denied_matched_policy[<name, or none>]
    String name = policyName.isEmpty() ? "none" : policyName;
    return LocalReply.PERMISSION_DENIED.details() + "[" + name.replace(' ', '_') + "]";
  }
}
