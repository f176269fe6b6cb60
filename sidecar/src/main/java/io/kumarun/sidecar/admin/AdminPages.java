package io.kumarun.sidecar.admin;

import io.kumarun.kuma.inspect.CertificatePage;
import io.kumarun.kuma.inspect.ClusterPages;
import io.kumarun.kuma.inspect.Inventory;
import io.kumarun.kuma.inspect.ListenerPages;
import io.kumarun.kuma.inspect.ServerInfoPage;
import io.kumarun.telemetry.ProxyMetrics;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The pages by path, with Envoy's names and formats (contract §5.8). They show, and change nothing:
 * what Envoy lets its admin interface do has no place here. Any thread but an event loop.
 */
public final class AdminPages {
  private static final Set<String> ENVOYS_CHANGES =
      Set.of(
          "/quitquitquit",
          "/drain_listeners",
          "/healthcheck/fail",
          "/healthcheck/ok",
          "/logging",
          "/reset_counters",
          "/runtime_modify",
          "/reopen_logs",
          "/cpuprofiler",
          "/heapprofiler",
          "/heap_dump",
          "/allocprofiler");

  private record Entry(String help, AdminPage page) {}

  /** What probes and scrapers may reach this machine for under any name. */
  private static final Set<String> FOR_MACHINES = Set.of("/ready", "/metrics");

  private final AdminSource source;
  private final boolean localOnly;
  private final Map<String, Entry> pages = new LinkedHashMap<>();

  private AdminPages(AdminSource source, boolean localOnly) {
    this.source = source;
    this.localOnly = localOnly;
  }

  /** For the control plane: {@code /ready} is Envoy's. */
  public static AdminPages ofEnvoy(AdminSource source) {
    AdminPages pages = new AdminPages(source, false);
    pages.add(
        "/ready",
        "LIVE, INITIALIZING or DRAINING",
        request -> Answer.text(source.state().status(), source.state().name() + "\n"));
    pages.addAll();
    return pages;
  }

  /** For people and probes on this machine: {@code /ready} is kuma-dp's. */
  public static AdminPages ofReadinessPort(AdminSource source) {
    AdminPages pages = new AdminPages(source, true);
    pages.add(
        "/ready",
        "READY, NOT_READY or TERMINATING",
        request ->
            new Answer(
                source.state().status(),
                "text/plain",
                Map.of(),
                out -> out.append(source.state().readiness())));
    pages.add("/metrics", "metrics for Prometheus", request -> pages.prometheus());
    pages.addAll();
    return pages;
  }

  private void addAll() {
    OverviewPage overview = new OverviewPage(source);
    add("/", "everything at a glance, for a browser", request -> overview.get());
    add(
        "/config_dump",
        "the configuration as it came; ?include_eds, ?resource=FIELD, ?name_regex=RE2",
        new ConfigDumpPage(source));
    add(
        "/clusters",
        "clusters, limits and endpoints; ?format=json",
        request ->
            formatted(
                request,
                (inventory, out) -> ClusterPages.text(inventory, out),
                (inventory, out) -> ClusterPages.json(inventory, out)));
    add(
        "/listeners",
        "listeners and their addresses; ?format=json",
        request ->
            formatted(
                request,
                (inventory, out) -> ListenerPages.text(inventory, out),
                (inventory, out) -> ListenerPages.json(inventory, out)));
    StatsPage stats = new StatsPage(source);
    add("/stats", "statistics; ?format=json|prometheus, ?usedonly, ?filter=RE2", stats);
    add("/stats/prometheus", "metrics for Prometheus", request -> prometheus());
    add(
        "/certs",
        "certificates in use and their ends",
        request ->
            Answer.of(
                Answer.JSON, out -> CertificatePage.json(source.inventory(), Instant.now(), out)));
    add("/server_info", "version, state, node", request -> serverInfo());
    add(
        "/unapplied",
        "what was accepted and is not applied; ?format=json",
        new UnappliedPage(source));
    add("/help", "this list", request -> Answer.text(200, help()));
  }

  private void add(String path, String help, AdminPage page) {
    pages.put(path, new Entry(help, page));
  }

  /** Answers a request of any method. */
  Answer answer(AdminRequest request) {
    if (!request.reads()) {
      return Answer.text(405, "these pages show and change nothing: GET and HEAD only\n")
          .with("allow", "GET, HEAD");
    }
    if (localOnly && !FOR_MACHINES.contains(request.path()) && !request.addressedByAddress()) {
      return Answer.text(403, "these pages are for this machine: ask for 127.0.0.1\n");
    }
    Entry entry = pages.get(request.path());
    if (entry != null) {
      return entry.page().get(request);
    }
    if (ENVOYS_CHANGES.contains(request.path())) {
      return Answer.text(
          404, "these pages show and change nothing; SIGTERM ends this sidecar in good order\n");
    }
    return Answer.text(404, "there is no such page; these are:\n" + help());
  }

  private String help() {
    StringBuilder help = new StringBuilder();
    pages.forEach(
        (path, entry) ->
            help.append("  ").append(path).append(": ").append(entry.help()).append('\n'));
    return help.toString();
  }

  private Answer prometheus() {
    return Answer.of(ProxyMetrics.CONTENT_TYPE, out -> out.append(source.metrics().scrape()));
  }

  private Answer serverInfo() {
    return Answer.of(
        Answer.JSON,
        out ->
            ServerInfoPage.json(
                source.inventory(),
                source.version(),
                source.state().name(),
                source.uptimeSeconds(),
                source.eventLoops(),
                out));
  }

  private interface View {
    void write(Inventory inventory, Appendable out) throws java.io.IOException;
  }

  private Answer formatted(AdminRequest request, View text, View json) {
    return switch (request.format()) {
      case "text" -> Answer.of(Answer.TEXT, out -> text.write(source.inventory(), out));
      case "json" -> Answer.of(Answer.JSON, out -> json.write(source.inventory(), out));
      default -> throw unknownFormat(request, "text or json");
    };
  }

  static IllegalArgumentException unknownFormat(AdminRequest request, String expected) {
    return new IllegalArgumentException(
        "format \"" + request.format() + "\" is not served, expected " + expected);
  }
}
