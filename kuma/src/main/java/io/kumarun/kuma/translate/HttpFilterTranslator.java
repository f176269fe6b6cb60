package io.kumarun.kuma.translate;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.extensions.common.matching.v3.ExtensionWithMatcher;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.extensions.filters.http.grpc_stats.v3.FilterConfig;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.http.lua.v3.Lua;
import io.envoyproxy.envoy.extensions.filters.http.lua.v3.LuaPerRoute;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.kumarun.proxy.config.HttpConnectionConfig.HttpFilterConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The HTTP filters (contract §4.3). They are known by their type, their names are free. */
final class HttpFilterTranslator {
  private static final String SERVED =
      "envoy.filters.http.router, rbac, local_ratelimit, fault, grpc_stats or Kuma's own lua";

  private HttpFilterTranslator() {}

  static List<HttpFilterConfig> translate(List<HttpFilter> filters, FieldPath path) {
    int last = filters.size() - 1;
    if (last < 0 || !filters.get(last).getTypedConfig().is(Router.class)) {
      throw path.at("http_filters").rejected("does not end with envoy.filters.http.router");
    }
    List<HttpFilterConfig> translated = new ArrayList<>();
    for (int i = 0; i < last; i++) {
      HttpFilterConfig filter = translate(filters.get(i), path.at("http_filters", i));
      if (filter != null) {
        translated.add(filter);
      }
    }
    return translated;
  }

  /** Null: a filter that is left out. */
  private static @Nullable HttpFilterConfig translate(HttpFilter filter, FieldPath path) {
    Any config = filter.getTypedConfig();
    if (config.is(RBAC.class)) {
      path.refuse(filter.getDisabled(), "disabled");
      RBAC rbac = path.known(path.unpack(config, RBAC.class));
      var permission =
          PermissionTranslator.translate(
              rbac.hasRules() ? rbac.getRules() : null,
              rbac.hasMatcher() ? rbac.getMatcher() : null,
              rbac.hasShadowRules() ? rbac.getShadowRules() : null,
              rbac.hasShadowMatcher() ? rbac.getShadowMatcher() : null,
              path);
      return permission == null ? null : new HttpFilterConfig.Rbac(permission);
    }
    if (config.is(LocalRateLimit.class)
        || config.is(HTTPFault.class)
        || config.is(FilterConfig.class)) { // grpc_stats
      return null;
    }
    if (config.is(ExtensionWithMatcher.class)) {
      return extension(path.unpack(config, ExtensionWithMatcher.class), path);
    }
    if (config.is(Lua.class) && isRouteMark(path.unpack(config, Lua.class))) {
      path.note("access logs by route are not written");
      return null;
    }
    if (filter.getIsOptional()) {
      return null;
    }
    throw path.rejected(filter.getName() + " (" + FieldPath.typeName(config) + ")", SERVED);
  }

  private static @Nullable HttpFilterConfig extension(ExtensionWithMatcher source, FieldPath path) {
    Any inner = source.getExtensionConfig().getTypedConfig();
    if (!inner.is(HTTPFault.class)) {
      throw path.at("extension_config")
          .rejected(
              source.getExtensionConfig().getName() + " (" + FieldPath.typeName(inner) + ")",
              "envoy.filters.http.fault");
    }
    return null;
  }

  /** The script with which Kuma marks a request with its route for the access log. */
  private static boolean isRouteMark(Lua lua) {
    String script = lua.getDefaultSourceCode().getInlineString();
    return lua.getSourceCodesCount() == 0
        && script.contains("kuma.routes")
        && script.contains("route_kri")
        && !script.contains("respond")
        && !script.contains("httpCall");
  }

  /**
   * What a route, virtual host or route table says to filters ({@code typed_per_filter_config}).
   */
  static void perRoute(Map<String, Any> configs, FieldPath path) {
    for (Map.Entry<String, Any> entry : configs.entrySet()) {
      Any config = entry.getValue();
      if (!config.is(LocalRateLimit.class)
          && !config.is(HTTPFault.class)
          && !config.is(LuaPerRoute.class)) {
        throw path.at("typed_per_filter_config")
            .rejected(
                entry.getKey() + " (" + FieldPath.typeName(config) + ")",
                "a local rate limit or a fault");
      }
    }
  }
}
