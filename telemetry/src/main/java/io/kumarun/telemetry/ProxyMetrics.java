package io.kumarun.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/**
 * The metrics of the proxy under the names and labels of Envoy's Prometheus export, which Kuma's
 * dashboards read (contract 5.3).
 *
 * <p>The data path asks for a handle when a configuration is prepared and keeps it: counting takes
 * no look-up and no lock. The same name gives the same handle, so that counters survive a new
 * configuration. Any thread.
 */
public final class ProxyMetrics {
  /** The content type of {@link #scrape}. */
  public static final String CONTENT_TYPE = PrometheusText.CONTENT_TYPE;

  private final MeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<String, ClusterMetrics> clusters = new ConcurrentHashMap<>();
  private final Map<String, HttpMetrics> http = new ConcurrentHashMap<>();
  private final Map<String, ListenerMetrics> listeners = new ConcurrentHashMap<>();
  private final Map<String, TcpMetrics> tcp = new ConcurrentHashMap<>();
  private final RbacMetrics rbac;
  private final ControlPlaneMetrics controlPlane;
  private final MeterGroup process;
  private final LongAdder accessLogDropped;

  public ProxyMetrics() {
    process = new MeterGroup(registry, "envoy_", Tags.empty());
    rbac = new RbacMetrics(new MeterGroup(registry, "envoy_rbac_", Tags.empty()));
    controlPlane =
        new ControlPlaneMetrics(tags -> new MeterGroup(registry, "kumarun_", tags), process);
    accessLogDropped =
        new MeterGroup(registry, "kumarun_", Tags.empty()).counter("access_log_dropped_total");
  }

  /**
   * The handle of a cluster.
   *
   * @param statName {@code alt_stat_name} of the cluster, or its name
   */
  public ClusterMetrics clusterMetrics(String statName) {
    return clusters.computeIfAbsent(
        statName, name -> new ClusterMetrics(group("envoy_cluster_", "envoy_cluster_name", name)));
  }

  /** The handle of the HTTP connection managers with this {@code stat_prefix}. */
  public HttpMetrics httpMetrics(String statPrefix) {
    return http.computeIfAbsent(
        statPrefix,
        name -> new HttpMetrics(group("envoy_http_", "envoy_http_conn_manager_prefix", name)));
  }

  /**
   * The handle of a listener.
   *
   * @param address as Envoy writes it in statistics, {@code 127.0.0.1_8080}, or the listener's
   *     {@code stat_prefix}
   */
  public ListenerMetrics listenerMetrics(String address) {
    return listeners.computeIfAbsent(
        address,
        name -> new ListenerMetrics(group("envoy_listener_", "envoy_listener_address", name)));
  }

  /** The handle of the TCP proxies with this {@code stat_prefix}. */
  public TcpMetrics tcpMetrics(String statPrefix) {
    return tcp.computeIfAbsent(
        statPrefix, name -> new TcpMetrics(group("envoy_tcp_", "envoy_tcp_prefix", name)));
  }

  /** Permissions on TCP; those on HTTP are counted by {@link HttpMetrics}. */
  public RbacMetrics tcpRbacMetrics() {
    return rbac;
  }

  /** What the connection to the control plane counts. */
  public ControlPlaneMetrics controlPlaneMetrics() {
    return controlPlane;
  }

  /**
   * Drops the metrics of clusters that are gone. A handle of such a cluster may still be used; what
   * it counts is lost.
   *
   * @param statNames those that stay
   */
  public void retainClusters(Set<String> statNames) {
    clusters
        .entrySet()
        .removeIf(
            entry -> {
              if (statNames.contains(entry.getKey())) {
                return false;
              }
              entry.getValue().drop();
              return true;
            });
  }

  /**
   * Adds a gauge of the process, such as {@code server_live} (exported as {@code
   * envoy_server_live}).
   *
   * @param name without {@code envoy_}
   * @param value called at each scrape, by the thread that scrapes
   */
  public void gauge(String name, DoubleSupplier value) {
    process.gauge(name, value);
  }

  /** Everything in the Prometheus text format 0.0.4. */
  public String scrape() {
    return PrometheusText.of(registry.getMeters());
  }

  /** Everything under Envoy's dotted names, in their order. */
  public List<Stat> stats() {
    return StatSnapshot.of(registry.getMeters());
  }

  LongAdder accessLogDropped() {
    return accessLogDropped;
  }

  private MeterGroup group(String prefix, String label, String value) {
    return new MeterGroup(registry, prefix, Tags.of(label, value));
  }
}
