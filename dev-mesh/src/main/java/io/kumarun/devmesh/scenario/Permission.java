package io.kumarun.devmesh.scenario;

import com.github.xds.core.v3.TypedExtensionConfig;
import com.github.xds.type.matcher.v3.Matcher;
import com.github.xds.type.matcher.v3.Matcher.MatcherList;
import com.github.xds.type.matcher.v3.Matcher.MatcherList.FieldMatcher;
import com.github.xds.type.matcher.v3.Matcher.MatcherList.Predicate;
import com.github.xds.type.matcher.v3.Matcher.MatcherList.Predicate.SinglePredicate;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.rbac.v3.Action;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.matching.common_inputs.ssl.v3.UriSanInput;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.List;

/**
 * Who may call, put into the RBAC filters of a listener, HTTP and network ones, in the encoding
 * that is there already: policies with principals (legacy {@code from}) or a matcher by URI SAN
 * ({@code rules}); see contract §3.4. Immutable.
 *
 * @param allow SPIFFE ids that are allowed; nobody else is
 * @param allowPrefixes beginnings of SPIFFE ids that are allowed
 * @param deny SPIFFE ids that are denied first, by name (matcher encoding)
 */
public record Permission(List<String> allow, List<String> allowPrefixes, List<String> deny) {

  private static final String ALLOWED_BY = "MeshTrafficPermission";

  public Permission {
    allow = List.copyOf(allow);
    allowPrefixes = List.copyOf(allowPrefixes);
    deny = List.copyOf(deny);
  }

  public static Permission allowing(String... spiffeIds) {
    return new Permission(List.of(spiffeIds), List.of(), List.of());
  }

  /** Allows everybody whose SPIFFE id begins so, as a trust domain. */
  public static Permission allowingPrefix(String prefix) {
    return new Permission(List.of(), List.of(prefix), List.of());
  }

  public static Permission nobody() {
    return allowing();
  }

  /** A listener whose permissions are these. */
  public Listener in(Listener listener) {
    return in(listener, /* alwaysMatcher= */ false);
  }

  /** A listener whose permissions are these, in the matcher encoding whatever it had. */
  Listener asRulesIn(Listener listener) {
    return in(listener, /* alwaysMatcher= */ true);
  }

  private Listener in(Listener listener, boolean alwaysMatcher) {
    MessageRewriter rewriter =
        new MessageRewriter() {
          @Override
          String text(String text) {
            return text;
          }

          @Override
          Message message(Message message) {
            return switch (message.getDescriptorForType().getFullName()) {
              case "envoy.extensions.filters.http.rbac.v3.RBAC" -> http(message, alwaysMatcher);
              case "envoy.extensions.filters.network.rbac.v3.RBAC" ->
                  network(message, alwaysMatcher);
              default -> message;
            };
          }
        };
    return (Listener) rewriter.rewrite(listener);
  }

  private Message http(Message filter, boolean alwaysMatcher) {
    try {
      var rbac =
          io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC.parseFrom(filter.toByteString());
      var changed = rbac.toBuilder().clearShadowRules().clearShadowMatcher();
      return alwaysMatcher || rbac.hasMatcher()
          ? changed.clearRules().setMatcher(matcher()).build()
          : changed.setRules(rules()).build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("Damaged RBAC filter", e);
    }
  }

  private Message network(Message filter, boolean alwaysMatcher) {
    try {
      var rbac =
          io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.parseFrom(
              filter.toByteString());
      var changed = rbac.toBuilder().clearShadowRules().clearShadowMatcher();
      return alwaysMatcher || rbac.hasMatcher()
          ? changed.clearRules().setMatcher(matcher()).build()
          : changed.setRules(rules()).build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("Damaged RBAC filter", e);
    }
  }

  private RBAC rules() {
    if (allow.isEmpty() && allowPrefixes.isEmpty()) {
      return RBAC.getDefaultInstance();
    }
    Policy.Builder policy = Policy.newBuilder();
    policy.addPermissionsBuilder().setAny(true);
    allow.forEach(
        id -> policy.addPrincipals(principal(StringMatcher.newBuilder().setExact(id).build())));
    allowPrefixes.forEach(
        id -> policy.addPrincipals(principal(StringMatcher.newBuilder().setPrefix(id).build())));
    return RBAC.newBuilder().putPolicies(ALLOWED_BY, policy.build()).build();
  }

  private static Principal principal(StringMatcher name) {
    return Principal.newBuilder()
        .setAuthenticated(Principal.Authenticated.newBuilder().setPrincipalName(name))
        .build();
  }

  private Matcher matcher() {
    Matcher.Builder matcher =
        Matcher.newBuilder().setOnNoMatch(onMatch("default", RBAC.Action.DENY));
    MatcherList.Builder list = MatcherList.newBuilder();
    deny.forEach(id -> list.addMatchers(field(exact(id), RBAC.Action.DENY)));
    allow.forEach(id -> list.addMatchers(field(exact(id), RBAC.Action.ALLOW)));
    allowPrefixes.forEach(id -> list.addMatchers(field(prefix(id), RBAC.Action.ALLOW)));
    return list.getMatchersCount() == 0 ? matcher.build() : matcher.setMatcherList(list).build();
  }

  private static com.github.xds.type.matcher.v3.StringMatcher exact(String id) {
    return com.github.xds.type.matcher.v3.StringMatcher.newBuilder().setExact(id).build();
  }

  private static com.github.xds.type.matcher.v3.StringMatcher prefix(String id) {
    return com.github.xds.type.matcher.v3.StringMatcher.newBuilder().setPrefix(id).build();
  }

  private static FieldMatcher field(
      com.github.xds.type.matcher.v3.StringMatcher id, RBAC.Action action) {
    return FieldMatcher.newBuilder()
        .setPredicate(
            Predicate.newBuilder()
                .setSinglePredicate(
                    SinglePredicate.newBuilder()
                        .setInput(
                            TypedExtensionConfig.newBuilder()
                                .setName("envoy.matching.inputs.uri_san")
                                .setTypedConfig(Any.pack(UriSanInput.getDefaultInstance())))
                        .setValueMatch(id)))
        .setOnMatch(onMatch(ALLOWED_BY, action))
        .build();
  }

  private static Matcher.OnMatch onMatch(String name, RBAC.Action action) {
    return Matcher.OnMatch.newBuilder()
        .setAction(
            TypedExtensionConfig.newBuilder()
                .setName("envoy.filters.rbac.action")
                .setTypedConfig(
                    Any.pack(Action.newBuilder().setName(name).setAction(action).build())))
        .build();
  }
}
