package io.kumarun.proxy.filter;

import io.kumarun.proxy.config.PermissionConfig;
import io.kumarun.proxy.permission.ConnectionFacts;
import io.kumarun.proxy.permission.PermissionPolicy;
import io.kumarun.proxy.permission.PermissionPolicy.Decision;
import io.kumarun.telemetry.HttpMetrics;

/**
 * MeshTrafficPermission on HTTP (Envoy's {@code envoy.filters.http.rbac}): a peer that is not
 * allowed gets 403 and Envoy's body. Everything Kuma decides on belongs to the connection, so the
 * decision is made once for it.
 */
public final class PermissionFilter implements HttpFilterFactory {
  private final PermissionPolicy policy;
  private final HttpMetrics metrics;

  /**
   * @throws IllegalArgumentException if the configuration holds a regular expression that is not
   *     RE2
   */
  public PermissionFilter(PermissionConfig config, HttpMetrics metrics) {
    this.policy = PermissionPolicy.compile(config);
    this.metrics = metrics;
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
