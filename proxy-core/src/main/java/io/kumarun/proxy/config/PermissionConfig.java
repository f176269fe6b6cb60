package io.kumarun.proxy.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * MeshTrafficPermission as one decision list for both of Kuma's encodings (contract §3.4): the
 * first rule whose condition holds decides, else {@code otherwise}.
 *
 * @param shadow decides nothing, only counted and logged; null: none
 */
public record PermissionConfig(
    List<Rule> rules, Verdict otherwise, @Nullable PermissionConfig shadow) {
  public PermissionConfig {
    rules = List.copyOf(rules);
  }

  /**
   * @param name the policy's name, as Envoy prints it in response code details
   */
  public record Rule(String name, Condition condition, Action action) {}

  /** What is decided, and in whose name. */
  public record Verdict(String name, Action action) {}

  /** Allow or deny. */
  public enum Action {
    ALLOW,
    DENY
  }

  /** A predicate on the connection. */
  public sealed interface Condition {
    record Any() implements Condition {}

    /**
     * Envoy's {@code authenticated.principal_name}: one of the peer's URI SANs (in Envoy, URI, then
     * DNS, then subject) matches.
     */
    record PrincipalName(StringMatch name) implements Condition {}

    /** A peer that presented a certificate, whatever its names. */
    record Authenticated() implements Condition {}

    /** Envoy's UriSanInput: the URI SANs, joined by commas, match. */
    record UriSan(StringMatch value) implements Condition {}

    /** Envoy's ServerNameInput: the SNI matches. */
    record ServerName(StringMatch value) implements Condition {}

    record AllOf(List<Condition> conditions) implements Condition {
      public AllOf {
        conditions = List.copyOf(conditions);
      }
    }

    record AnyOf(List<Condition> conditions) implements Condition {
      public AnyOf {
        conditions = List.copyOf(conditions);
      }
    }

    record Not(Condition condition) implements Condition {}
  }

  /** Case-sensitive. */
  public sealed interface StringMatch {
    record Exact(String value) implements StringMatch {}

    record Prefix(String prefix) implements StringMatch {}

    record Suffix(String suffix) implements StringMatch {}

    record Contains(String part) implements StringMatch {}

    /** RE2, the whole value. */
    record Regex(String regex) implements StringMatch {}
  }
}
