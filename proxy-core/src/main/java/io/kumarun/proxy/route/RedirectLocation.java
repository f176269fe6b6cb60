package io.kumarun.proxy.route;

import io.kumarun.proxy.config.RouteTableConfig.RouteAction.Redirect;
import io.kumarun.proxy.http.HeaderMap;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** Builds the {@code location} of a redirect (Envoy's config.route.v3.RedirectAction). */
final class RedirectLocation {
  private final Redirect config;
  private final @Nullable PathRewriter rewriter;

  RedirectLocation(Redirect config) {
    this.config = config;
    this.rewriter = PathRewriter.of(config.prefixRewrite(), config.regexRewrite());
  }

  AsciiString of(HeaderMap request, AsciiString path, int matched) {
    String oldScheme = text(request.scheme(), "http");
    String scheme = config.scheme() == null ? oldScheme : config.scheme();
    String authority = text(request.authority(), "");
    int colon = portColon(authority);
    String host = colon < 0 ? authority : authority.substring(0, colon);
    String port = colon < 0 ? "" : authority.substring(colon);
    boolean defaultPort =
        (oldScheme.equals("http") && port.equals(":80"))
            || (oldScheme.equals("https") && port.equals(":443"));
    if (config.scheme() != null && defaultPort) {
      port = "";
    }
    if (config.port() != 0) {
      port = ":" + config.port();
    }
    if (config.host() != null) {
      host = config.host();
    }
    return new AsciiString(scheme + "://" + host + port + path(path, matched));
  }

  private String path(AsciiString path, int matched) {
    AsciiString bare = RouteTable.withoutQuery(path);
    String query =
        config.stripQuery() ? "" : path.subSequence(bare.length(), path.length(), false).toString();
    if (config.path() != null) {
      // A path that brings its own query replaces the request's.
      return config.path().indexOf('?') >= 0 ? config.path() : config.path() + query;
    }
    if (rewriter != null) {
      return rewriter.rewrite(bare, matched) + query;
    }
    return bare + query;
  }

  private static int portColon(String authority) {
    int colon = authority.lastIndexOf(':');
    return colon > authority.lastIndexOf(']') ? colon : -1;
  }

  private static String text(@Nullable AsciiString value, String otherwise) {
    return value == null ? otherwise : value.toString();
  }
}
