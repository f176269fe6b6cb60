package io.kumarun.kuma.translate;

import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.kumarun.proxy.config.RouteTableConfig;
import io.kumarun.proxy.config.RouteTableConfig.HeaderEdits;
import io.kumarun.proxy.config.RouteTableConfig.RouteMatch;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code RouteConfiguration}. The header edits of a virtual host and of the table are merged into
 * each route, in Envoy's order: the route's first.
 */
final class RouteTableTranslator {
  private RouteTableTranslator() {}

  /** The header edits around a route. */
  private record Edits(HeaderEdits request, HeaderEdits response) {}

  static RouteTableConfig translate(RouteConfiguration source, FieldPath path) {
    path.refuse(source.hasVhds(), "vhds");
    path.refuse(source.getMostSpecificHeaderMutationsWins(), "most_specific_header_mutations_wins");
    path.refuse(source.getIgnorePortInHostMatching(), "ignore_port_in_host_matching");
    path.refuse(
        source.getIgnorePathParametersInPathMatching(), "ignore_path_parameters_in_path_matching");
    HttpFilterTranslator.perRoute(source.getTypedPerFilterConfigMap(), path);
    Edits table =
        new Edits(
            HeaderEditTranslator.translate(
                source.getRequestHeadersToAddList(), source.getRequestHeadersToRemoveList(), path),
            HeaderEditTranslator.translate(
                source.getResponseHeadersToAddList(),
                source.getResponseHeadersToRemoveList(),
                path));
    List<RouteTableConfig.VirtualHost> hosts = new ArrayList<>();
    for (int i = 0; i < source.getVirtualHostsCount(); i++) {
      hosts.add(virtualHost(source.getVirtualHosts(i), table, path.at("virtual_hosts", i)));
    }
    return new RouteTableConfig(source.getName(), HeaderEdits.NONE, hosts);
  }

  private static RouteTableConfig.VirtualHost virtualHost(
      VirtualHost source, Edits table, FieldPath path) {
    path.refuse(source.hasMatcher(), "matcher");
    path.refuse(source.getRequireTls() != VirtualHost.TlsRequirementType.NONE, "require_tls");
    HttpFilterTranslator.perRoute(source.getTypedPerFilterConfigMap(), path);
    Edits edits =
        new Edits(
            HeaderEditTranslator.merge(
                HeaderEditTranslator.translate(
                    source.getRequestHeadersToAddList(),
                    source.getRequestHeadersToRemoveList(),
                    path),
                table.request()),
            HeaderEditTranslator.merge(
                HeaderEditTranslator.translate(
                    source.getResponseHeadersToAddList(),
                    source.getResponseHeadersToRemoveList(),
                    path),
                table.response()));
    List<RouteTableConfig.Route> routes = new ArrayList<>();
    for (int i = 0; i < source.getRoutesCount(); i++) {
      FieldPath at = path.at("routes", i);
      Route route = source.getRoutes(i);
      RouteMatch match = RouteMatchTranslator.translate(route.getMatch(), at.at("match"));
      if (match != null) {
        routes.add(route(route, match, edits, at));
      }
    }
    return new RouteTableConfig.VirtualHost(
        source.getName(), List.copyOf(source.getDomainsList()), routes);
  }

  private static RouteTableConfig.Route route(
      Route source, RouteMatch match, Edits outer, FieldPath path) {
    HttpFilterTranslator.perRoute(source.getTypedPerFilterConfigMap(), path);
    return new RouteTableConfig.Route(
        source.getName(),
        match,
        RouteActionTranslator.translate(source, path),
        HeaderEditTranslator.merge(
            HeaderEditTranslator.translate(
                source.getRequestHeadersToAddList(), source.getRequestHeadersToRemoveList(), path),
            outer.request()),
        HeaderEditTranslator.merge(
            HeaderEditTranslator.translate(
                source.getResponseHeadersToAddList(),
                source.getResponseHeadersToRemoveList(),
                path),
            outer.response()));
  }
}
