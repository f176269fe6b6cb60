package io.kumarun.kuma.inspect;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.JsonFormat.TypeRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The message types of Envoy's API by name, loaded when a dump first meets them: there are
 * thousands, and a configuration has some thirty. Any thread.
 */
final class KnownTypes {
  /** Envoy's API derives the Java package from the protobuf package. */
  private static final Map<String, String> JAVA_PACKAGES =
      Map.of(
          "envoy.", "io.envoyproxy.envoy.",
          "xds.", "com.github.xds.",
          "udpa.", "com.github.udpa.udpa.",
          "google.protobuf.", "com.google.protobuf.",
          "opentelemetry.proto.", "io.opentelemetry.proto.");

  private static final Map<String, Message> FOUND = new ConcurrentHashMap<>();

  /** Of the types found; null: some were found since it was built, which takes a while. */
  private static @Nullable TypeRegistry registry;

  private KnownTypes() {}

  /** The message in it; null: of a type that is not known here, or unreadable. */
  static @Nullable Message unpack(Any any) {
    Message prototype = byName(typeName(any.getTypeUrl()));
    if (prototype == null) {
      return null;
    }
    try {
      return prototype.getParserForType().parseFrom(any.getValue());
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }

  /** An empty message of the type of this full name; null: not known here. */
  static @Nullable Message byName(String fullName) {
    Message known = FOUND.get(fullName);
    return known == null ? load(fullName) : known;
  }

  private static @Nullable Message load(String fullName) {
    String className = className(fullName);
    if (className == null) {
      return null;
    }
    try {
      Class<?> type = Class.forName(className, false, KnownTypes.class.getClassLoader());
      if (!Message.class.isAssignableFrom(type)) {
        return null;
      }
      Message prototype = (Message) type.getMethod("getDefaultInstance").invoke(null);
      if (prototype == null || !prototype.getDescriptorForType().getFullName().equals(fullName)) {
        return null;
      }
      add(fullName, prototype);
      return prototype;
    } catch (ReflectiveOperationException | LinkageError e) {
      return null;
    }
  }

  private static synchronized void add(String fullName, Message prototype) {
    if (FOUND.putIfAbsent(fullName, prototype) == null) {
      registry = null;
    }
  }

  private static synchronized TypeRegistry registry() {
    TypeRegistry built = registry;
    if (built == null) {
      TypeRegistry.Builder all = TypeRegistry.newBuilder();
      FOUND.values().forEach(each -> all.add(each.getDescriptorForType()));
      built = all.build();
      registry = built;
    }
    return built;
  }

  private static @Nullable String className(String fullName) {
    for (int i = 0; i < fullName.length(); i++) {
      char c = fullName.charAt(i);
      if (!(c == '.' || c == '_' || Character.isLetterOrDigit(c))) {
        return null;
      }
    }
    for (Map.Entry<String, String> each : JAVA_PACKAGES.entrySet()) {
      if (fullName.startsWith(each.getKey())) {
        return each.getValue() + nested(fullName.substring(each.getKey().length()));
      }
    }
    return null;
  }

  /** A message within a message is a class within a class; packages begin with a small letter. */
  private static String nested(String name) {
    StringBuilder className = new StringBuilder(name);
    boolean inClass = false;
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) == '.' && inClass) {
        className.setCharAt(i, '$');
      }
      inClass |= Character.isUpperCase(name.charAt(i)) && (i == 0 || name.charAt(i - 1) == '.');
    }
    return className.toString();
  }

  static String typeName(String typeUrl) {
    return typeUrl.substring(typeUrl.lastIndexOf('/') + 1);
  }

  /** Writes messages as Envoy does; knows every type met so far. */
  static JsonFormat.Printer printer() {
    return JsonFormat.printer().preservingProtoFieldNames().usingTypeRegistry(registry());
  }

  /** Reads JSON whose {@code @type}s were all met so far. */
  static JsonFormat.Parser parser() {
    return JsonFormat.parser().ignoringUnknownFields().usingTypeRegistry(registry());
  }
}
