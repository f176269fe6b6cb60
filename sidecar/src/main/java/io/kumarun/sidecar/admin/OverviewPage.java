package io.kumarun.sidecar.admin;

import io.kumarun.kuma.inspect.CertificatesInUse;
import io.kumarun.kuma.inspect.ControlPlaneStatus;
import io.kumarun.kuma.inspect.Inventory;
import io.kumarun.kuma.inspect.ResourceState;
import io.kumarun.kuma.inspect.UnappliedField;
import io.kumarun.kuma.translate.ResourceKind;
import io.kumarun.proxy.config.ClusterConfig;
import io.kumarun.proxy.config.EndpointConfig;
import io.kumarun.proxy.config.FilterChainConfig;
import io.kumarun.proxy.config.HttpConnectionConfig;
import io.kumarun.proxy.config.ListenerConfig;
import io.kumarun.proxy.config.RouteTableConfig.Route;
import io.kumarun.proxy.config.RouteTableConfig.VirtualHost;
import io.kumarun.proxy.config.TcpProxyConfig;
import io.kumarun.tls.TlsCertificate;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Everything at a glance: one page without scripts, styles and images from elsewhere. */
final class OverviewPage {
  private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'";

  private static final String HEAD =
      """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>kumarun</title><style>
      body{font:14px/1.4 system-ui,sans-serif;margin:1.5em;max-width:80em;color:#222}
      table{border-collapse:collapse;margin:.3em 0 1em}
      th,td{border:1px solid #ccc;padding:.15em .6em;text-align:left;vertical-align:top}
      td{overflow-wrap:anywhere} th{background:#f3f3f3}
      h2{font-size:1.1em;margin:1.4em 0 .3em} .bad{color:#a00;font-weight:bold}
      .good{color:#060} summary{cursor:pointer}
      </style></head><body>
      """;

  private final AdminSource source;

  OverviewPage(AdminSource source) {
    this.source = source;
  }

  Answer get() {
    return Answer.of(Answer.HTML, this::write).with("content-security-policy", POLICY);
  }

  private void write(Appendable out) throws IOException {
    Inventory inventory = source.inventory();
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    Html html = new Html(out);
    html.raw(HEAD);
    server(html, inventory);
    identity(html, inventory, now);
    controlPlane(html, inventory.controlPlane());
    refused(html, inventory);
    sentences(html, "Cannot be served", source.traffic().problems(), "nothing");
    sentences(html, "Waits", inventory.waiting(), "nothing");
    sentences(html, "Accepted, not applied", features(inventory), "nothing");
    listeners(html, inventory, source.traffic());
    clusters(html, inventory);
    html.raw("</body></html>\n");
  }

  private void server(Html html, Inventory inventory) throws IOException {
    ServerState state = source.state();
    html.raw("<h1>").text(inventory.nodeId().isEmpty() ? "kumarun" : inventory.nodeId());
    html.raw("</h1>\n<p><span class=\"")
        .raw(state == ServerState.LIVE ? "good" : "bad")
        .raw("\">")
        .text(state.readiness())
        .raw("</span>, version ")
        .text(source.version())
        .raw(", up for ")
        .text(rough(Duration.ofSeconds(source.uptimeSeconds())))
        .raw(", ")
        .text(source.eventLoops())
        .raw(" event loops</p>\n<p>");
    for (String page :
        List.of(
            "config_dump",
            "clusters",
            "listeners",
            "stats?usedonly",
            "certs",
            "server_info",
            "unapplied",
            "metrics",
            "help")) {
      html.raw("<a href=\"/" + page + "\">" + page + "</a> ");
    }
    html.raw("</p>\n");
  }

  private static void identity(Html html, Inventory inventory, Instant now) throws IOException {
    List<TlsCertificate> own = CertificatesInUse.of(inventory.inUse()).own();
    html.section("Identity", own.size());
    if (own.isEmpty()) {
      html.raw("<p>no certificate is in use</p>\n");
      return;
    }
    html.table("SPIFFE ids and other URIs, or subject", "secret", "serial", "valid to");
    for (TlsCertificate each : own) {
      Instant end = each.leaf().getNotAfter().toInstant();
      html.row(
          each.uriSans().isEmpty()
              ? each.leaf().getSubjectX500Principal().getName()
              : String.join(" ", each.uriSans()),
          each.name(),
          each.leaf().getSerialNumber().toString(16),
          end + (end.isBefore(now) ? " EXPIRED" : ", for " + rough(Duration.between(now, end))));
    }
    html.endTable();
  }

  private static String rough(Duration duration) {
    return duration.toDays() > 2
        ? duration.toDays() + " days"
        : duration.toHours() > 2
            ? duration.toHours() + " hours"
            : duration.toMinutes() > 2
                ? duration.toMinutes() + " min"
                : duration.toSeconds() + " s";
  }

  private static void controlPlane(Html html, ControlPlaneStatus status) throws IOException {
    html.section("Control plane", -1);
    html.raw("<p>");
    if (status.address().isEmpty()) {
      html.raw("<span class=\"bad\">not joined yet</span>");
    } else if (status.connected()) {
      html.raw("<span class=\"good\">connected</span> to ").text(status.address());
      html.raw(" since ").text(seconds(status.since()));
    } else {
      html.raw("<span class=\"bad\">not connected</span> to ").text(status.address());
      html.text(status.since() == null ? "" : " since " + seconds(status.since()));
    }
    html.raw("</p>\n");
    if (!status.lastError().isEmpty()) {
      html.raw("<p>last error, ").text(seconds(status.lastErrorAt())).raw(": ");
      html.text(status.lastError()).raw("</p>\n");
    }
  }

  private static String seconds(@Nullable Instant at) {
    return at == null ? "never" : at.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static void refused(Html html, Inventory inventory) throws IOException {
    int count = 0;
    for (ResourceKind kind : ResourceKind.values()) {
      for (ResourceState each : inventory.of(kind)) {
        count += each.failure() == null ? 0 : 1;
      }
    }
    html.section("Refused (NACK)", count);
    if (count == 0) {
      html.raw("<p>nothing</p>\n");
      return;
    }
    html.table("resource", "reason", "at", "served meanwhile");
    for (ResourceKind kind : ResourceKind.values()) {
      for (ResourceState each : inventory.of(kind)) {
        ResourceState.Failure failure = each.failure();
        if (failure != null) {
          html.row(
              kind.label() + " " + each.name(),
              failure.reason(),
              seconds(failure.at()),
              each.accepted() == null ? "nothing" : "version " + each.accepted().version());
        }
      }
    }
    html.endTable();
  }

  private static void sentences(Html html, String title, List<String> sentences, String none)
      throws IOException {
    html.section(title, sentences.size());
    if (sentences.isEmpty()) {
      html.raw("<p>").raw(none).raw("</p>\n");
      return;
    }
    list(html, sentences);
  }

  private static void list(Html html, List<String> sentences) throws IOException {
    if (sentences.isEmpty()) {
      return;
    }
    html.raw("<ul>\n");
    for (String sentence : sentences) {
      html.raw("<li>").text(sentence).raw("</li>\n");
    }
    html.raw("</ul>\n");
  }

  /** Each once, with the first place; the page {@code /unapplied} has them all. */
  private static List<String> features(Inventory inventory) {
    Map<String, List<UnappliedField>> byFeature =
        inventory.unapplied().stream()
            .collect(
                Collectors.groupingBy(UnappliedField::feature, TreeMap::new, Collectors.toList()));
    List<String> sentences = new ArrayList<>();
    byFeature.forEach(
        (feature, places) -> {
          UnappliedField first = places.getFirst();
          String more = places.size() == 1 ? "" : " and in " + (places.size() - 1) + " more places";
          sentences.add(first.kind() + " " + first.resource() + ": " + feature + more);
        });
    return sentences;
  }

  private static void listeners(Html html, Inventory inventory, TrafficStatus traffic)
      throws IOException {
    TreeMap<String, ListenerConfig> all = new TreeMap<>(inventory.inUse().listeners());
    html.section("Listeners", all.size());
    for (ListenerConfig listener : all.values()) {
      html.raw("<details><summary>").text(listener.name()).raw(" on ").text(listener.address());
      html.text(binding(listener, traffic)).raw("</summary>\n");
      for (FilterChainConfig chain : listener.filterChains()) {
        html.raw("<p>").text(RouteText.chain(chain)).raw(": ").text(RouteText.tls(chain));
        html.raw("</p>\n");
        list(html, PermissionText.of(chain));
        switch (chain.terminal()) {
          case TcpProxyConfig tcp ->
              html.raw("<p>TCP to ").text(RouteText.clusters(tcp.cluster())).raw("</p>\n");
          case HttpConnectionConfig http -> routes(html, http);
        }
      }
      html.raw("</details>\n");
    }
  }

  private static String binding(ListenerConfig listener, TrafficStatus traffic) {
    if (!listener.bindToPort()) {
      return " (not bound, as configured)";
    }
    return traffic.virtual().contains(listener.name())
        ? " (virtual: this address is not one of this host's)"
        : "";
  }

  private static void routes(Html html, HttpConnectionConfig http) throws IOException {
    html.table("virtual host", "match", "goes to");
    for (VirtualHost host : http.routes().virtualHosts()) {
      for (Route route : host.routes()) {
        html.row(
            host.name() + " [" + String.join(", ", host.domains()) + "]",
            RouteText.match(route.match()),
            RouteText.action(route.action()));
      }
    }
    html.endTable();
  }

  private static void clusters(Html html, Inventory inventory) throws IOException {
    TreeMap<String, ClusterConfig> all = new TreeMap<>(inventory.inUse().clusters());
    html.section("Clusters", all.size());
    for (ClusterConfig cluster : all.values()) {
      long healthy = cluster.endpoints().stream().filter(EndpointConfig::healthy).count();
      html.raw("<details><summary>").text(cluster.name()).raw(": ");
      html.raw(healthy == 0 ? "<span class=\"bad\">" : "<span>");
      html.text(healthy + " of " + cluster.endpoints().size() + " endpoints healthy");
      html.raw("</span>, ").text(cluster.protocol());
      html.text(cluster.tls() == null ? ", cleartext" : ", TLS, SNI " + cluster.tls().sni());
      html.raw("</summary>\n").table("endpoint", "health", "weight", "priority", "zone");
      for (EndpointConfig endpoint : cluster.endpoints()) {
        html.row(
            endpoint.address(),
            endpoint.healthy() ? "healthy" : "unhealthy",
            endpoint.weight(),
            endpoint.priority(),
            endpoint.zone());
      }
      html.endTable().raw("</details>\n");
    }
  }
}
