package io.kumarun.kuma.translate;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.kumarun.proxy.config.Address;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The small protobuf values that many resources share. */
final class Values {
  /** Longer than any that means something, short enough to compute with. */
  private static final Duration LONGEST = Duration.ofDays(3650);

  private Values() {}

  /** Not negative, and never so long that arithmetic with it overflows. */
  static Duration duration(com.google.protobuf.Duration source, FieldPath path) {
    if (source.getSeconds() < 0 || source.getNanos() < 0 || source.getNanos() > 999_999_999) {
      throw path.rejected(
          source.getSeconds() + "s " + source.getNanos() + "ns", "a duration of at least 0s");
    }
    if (source.getSeconds() >= LONGEST.toSeconds()) {
      return LONGEST;
    }
    return Duration.ofSeconds(source.getSeconds(), source.getNanos());
  }

  /** An unsigned 32-bit number; what does not fit in an int is as good as no limit. */
  static int unsigned(int value) {
    return value < 0 ? Integer.MAX_VALUE : value;
  }

  /** The expression itself, after a check that RE2 takes it. */
  static String regex(String regex, FieldPath path) {
    try {
      Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw path.rejected(regex, "a regular expression in RE2 syntax");
    }
    return regex;
  }

  static Address address(io.envoyproxy.envoy.config.core.v3.Address source, FieldPath path) {
    return switch (source.getAddressCase()) {
      case SOCKET_ADDRESS -> socket(source.getSocketAddress(), path.at("socket_address"));
      case PIPE -> {
        if (source.getPipe().getPath().isEmpty()) {
          throw path.at("pipe").at("path").rejected("is empty");
        }
        yield new Address.Pipe(source.getPipe().getPath());
      }
      case ENVOY_INTERNAL_ADDRESS, ADDRESS_NOT_SET ->
          throw path.rejected(source.getAddressCase(), "a socket_address or a pipe");
    };
  }

  private static Address socket(SocketAddress source, FieldPath path) {
    if (source.getAddress().isEmpty()) {
      throw path.at("address").rejected("is empty");
    }
    if (source.getPortSpecifierCase() != SocketAddress.PortSpecifierCase.PORT_VALUE
        || source.getPortValue() < 0
        || source.getPortValue() > 65535) {
      throw path.at("port_value").rejected("must be a number from 0 to 65535");
    }
    return new Address.Socket(source.getAddress(), source.getPortValue());
  }

  /** The scalar fields of one namespace of metadata, as text. */
  static Map<String, String> metadata(Metadata metadata, String namespace) {
    Struct struct = metadata.getFilterMetadataMap().get(namespace);
    if (struct == null) {
      return Map.of();
    }
    Map<String, String> fields = new HashMap<>();
    struct.getFieldsMap().forEach((key, value) -> put(fields, key, value));
    return fields;
  }

  private static void put(Map<String, String> fields, String key, Value value) {
    switch (value.getKindCase()) {
      case STRING_VALUE -> fields.put(key, value.getStringValue());
      case BOOL_VALUE -> fields.put(key, String.valueOf(value.getBoolValue()));
      case NUMBER_VALUE -> {
        double number = value.getNumberValue();
        fields.put(
            key,
            number == Math.rint(number) && Math.abs(number) < 1e15
                ? String.valueOf((long) number)
                : String.valueOf(number));
      }
      case NULL_VALUE, STRUCT_VALUE, LIST_VALUE, KIND_NOT_SET -> {
        // Tags and labels are text; anything else was not written by Kuma.
      }
    }
  }
}
