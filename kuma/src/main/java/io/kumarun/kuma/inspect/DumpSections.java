package io.kumarun.kuma.inspect;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump.DynamicCluster;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump.StaticCluster;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump.DynamicEndpointConfig;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump.StaticEndpointConfig;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump.DynamicListener;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump.DynamicListenerState;
import io.envoyproxy.envoy.admin.v3.RoutesConfigDump.StaticRouteConfig;
import io.envoyproxy.envoy.admin.v3.SecretsConfigDump.DynamicSecret;
import io.envoyproxy.envoy.admin.v3.SecretsConfigDump.StaticSecret;
import io.envoyproxy.envoy.admin.v3.UpdateFailureState;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.kumarun.kuma.inspect.ResourceState.Failure;
import io.kumarun.kuma.inspect.ResourceState.Version;
import io.kumarun.kuma.translate.ResourceKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sorts an inventory into the sections of Envoy's {@code ConfigDump}; everything redacted. */
final class DumpSections {
  private static final String ADMIN = "envoy.admin.v3.";

  private final Inventory inventory;
  private final Bootstrap bootstrap;

  private DumpSections(Inventory inventory) {
    this.inventory = inventory;
    this.bootstrap = BootstrapDump.of(inventory);
  }

  /** In Envoy's order, after the bootstrap. */
  static List<DumpSection> of(Inventory inventory, boolean endpoints) {
    DumpSections sections = new DumpSections(inventory);
    List<DumpSection> all = new ArrayList<>();
    all.add(sections.clusters());
    if (endpoints) {
      all.add(sections.endpoints());
    }
    all.add(sections.listeners());
    all.add(new DumpSection(ADMIN + "ScopedRoutesConfigDump"));
    all.add(sections.routes());
    all.add(sections.secrets());
    return all;
  }

  private DumpSection clusters() {
    DumpSection section = new DumpSection(ADMIN + "ClustersConfigDump");
    for (Cluster cluster : bootstrap.getStaticResources().getClustersList()) {
      section.add(
          "static_clusters",
          cluster.getName(),
          () ->
              StaticCluster.newBuilder()
                  .setCluster(packed(cluster))
                  .setLastUpdated(time(inventory.joinedAt()))
                  .build());
    }
    for (ResourceState each : inventory.of(ResourceKind.CLUSTER)) {
      section.add(
          each.warming() ? "dynamic_warming_clusters" : "dynamic_active_clusters",
          each.name(),
          () -> cluster(each));
    }
    return section;
  }

  private static Message cluster(ResourceState state) {
    DynamicCluster.Builder cluster = DynamicCluster.newBuilder();
    Version version = state.accepted();
    if (version != null) {
      cluster
          .setVersionInfo(version.version())
          .setCluster(Redaction.shown(version.raw()))
          .setLastUpdated(time(version.at()));
    }
    if (state.failure() != null) {
      cluster.setErrorState(error(state.failure()));
    }
    return cluster.build();
  }

  private DumpSection endpoints() {
    DumpSection section = new DumpSection(ADMIN + "EndpointsConfigDump");
    for (Cluster cluster : bootstrap.getStaticResources().getClustersList()) {
      if (cluster.hasLoadAssignment()) {
        section.add(
            "static_endpoint_configs",
            cluster.getName(),
            () ->
                StaticEndpointConfig.newBuilder()
                    .setEndpointConfig(packed(cluster.getLoadAssignment()))
                    .setLastUpdated(time(inventory.joinedAt()))
                    .build());
      }
    }
    for (ResourceState each : inventory.of(ResourceKind.CLUSTER)) {
      inlineEndpoints(each, section);
    }
    for (ResourceState each : inventory.of(ResourceKind.ENDPOINTS)) {
      section.add("dynamic_endpoint_configs", each.name(), () -> endpoints(each));
    }
    return section;
  }

  /** Endpoints that a cluster of the control plane has in itself; Envoy lists them here too. */
  private static void inlineEndpoints(ResourceState state, DumpSection section) {
    Version version = state.accepted();
    if (version != null
        && !state.warming()
        && KnownTypes.unpack(version.raw()) instanceof Cluster cluster
        && cluster.hasLoadAssignment()) {
      section.add(
          "dynamic_endpoint_configs",
          state.name(),
          () ->
              DynamicEndpointConfig.newBuilder()
                  .setVersionInfo(version.version())
                  .setEndpointConfig(packed(cluster.getLoadAssignment()))
                  .setLastUpdated(time(version.at()))
                  .build());
    }
  }

  private static Message endpoints(ResourceState state) {
    DynamicEndpointConfig.Builder endpoints = DynamicEndpointConfig.newBuilder();
    Version version = state.accepted();
    if (version != null) {
      endpoints
          .setVersionInfo(version.version())
          .setEndpointConfig(Redaction.shown(version.raw()))
          .setLastUpdated(time(version.at()));
    }
    if (state.failure() != null) {
      endpoints.setErrorState(error(state.failure()));
    }
    return endpoints.build();
  }

  private DumpSection listeners() {
    DumpSection section = new DumpSection(ADMIN + "ListenersConfigDump");
    for (ResourceState each : inventory.of(ResourceKind.LISTENER)) {
      section.add("dynamic_listeners", each.name(), () -> listener(each));
    }
    return section;
  }

  private static Message listener(ResourceState state) {
    DynamicListener.Builder listener = DynamicListener.newBuilder().setName(state.name());
    Version version = state.accepted();
    if (version != null) {
      DynamicListenerState shown =
          DynamicListenerState.newBuilder()
              .setVersionInfo(version.version())
              .setListener(Redaction.shown(version.raw()))
              .setLastUpdated(time(version.at()))
              .build();
      if (state.warming()) {
        listener.setWarmingState(shown);
      } else {
        listener.setActiveState(shown);
      }
    }
    if (state.failure() != null) {
      listener.setErrorState(error(state.failure()));
    }
    return listener.build();
  }

  /** The control plane puts routes into listeners; Envoy shows them by themselves as well. */
  private DumpSection routes() {
    DumpSection section = new DumpSection(ADMIN + "RoutesConfigDump");
    for (ResourceState each : inventory.of(ResourceKind.LISTENER)) {
      Version version = each.accepted();
      if (version != null
          && !each.warming()
          && KnownTypes.unpack(version.raw()) instanceof Listener listener) {
        for (FilterChain chain : listener.getFilterChainsList()) {
          routes(chain, version.at(), section);
        }
      }
    }
    return section;
  }

  private static void routes(FilterChain chain, Instant at, DumpSection section) {
    for (Filter filter : chain.getFiltersList()) {
      if (filter.getTypedConfig().is(HttpConnectionManager.class)
          && KnownTypes.unpack(filter.getTypedConfig()) instanceof HttpConnectionManager http
          && http.hasRouteConfig()) {
        section.add(
            "static_route_configs",
            http.getRouteConfig().getName(),
            () ->
                StaticRouteConfig.newBuilder()
                    .setRouteConfig(packed(http.getRouteConfig()))
                    .setLastUpdated(time(at))
                    .build());
      }
    }
  }

  private DumpSection secrets() {
    DumpSection section = new DumpSection(ADMIN + "SecretsConfigDump");
    for (Secret secret : bootstrap.getStaticResources().getSecretsList()) {
      section.add(
          "static_secrets",
          secret.getName(),
          () ->
              StaticSecret.newBuilder()
                  .setName(secret.getName())
                  .setSecret(packed(secret))
                  .setLastUpdated(time(inventory.joinedAt()))
                  .build());
    }
    for (ResourceState each : inventory.of(ResourceKind.SECRET)) {
      section.add("dynamic_active_secrets", each.name(), () -> secret(each));
    }
    return section;
  }

  private static Message secret(ResourceState state) {
    DynamicSecret.Builder secret = DynamicSecret.newBuilder().setName(state.name());
    Version version = state.accepted();
    if (version != null) {
      secret
          .setVersionInfo(version.version())
          .setSecret(Redaction.shown(version.raw()))
          .setLastUpdated(time(version.at()));
    }
    if (state.failure() != null) {
      secret.setErrorState(error(state.failure()));
    }
    return secret.build();
  }

  private static UpdateFailureState error(Failure failure) {
    return UpdateFailureState.newBuilder()
        .setVersionInfo(failure.version())
        .setFailedConfiguration(Redaction.shown(failure.raw()))
        .setLastUpdateAttempt(time(failure.at()))
        .setDetails(failure.reason())
        .build();
  }

  private static Any packed(Message message) {
    KnownTypes.byName(message.getDescriptorForType().getFullName());
    return Any.pack(Redaction.shown(message));
  }

  static Timestamp time(@Nullable Instant at) {
    return at == null
        ? Timestamp.getDefaultInstance()
        : Timestamp.newBuilder().setSeconds(at.getEpochSecond()).setNanos(at.getNano()).build();
  }
}
