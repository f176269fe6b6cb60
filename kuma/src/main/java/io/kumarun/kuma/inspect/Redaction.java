package io.kumarun.kuma.inspect;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import udpa.annotations.Sensitive;

/**
 * Takes secrets out of messages, as Envoy does before it shows them: every text and all bytes below
 * a field that is annotated {@code udpa.annotations.sensitive} become {@code [redacted]}, and other
 * values there their default (Envoy: {@code MessageUtil::redact}).
 *
 * <p>Beyond Envoy: credentials that its API forgot to annotate, values of headers that carry
 * credentials (the dataplane token is in the {@code initial_metadata} of the bootstrap), and all of
 * a message given as a {@code TypedStruct}. What stands in an {@code Any} of an unknown type is
 * replaced by a note. Stateless; any thread.
 */
final class Redaction {
  static final String REDACTED = "[redacted]";

  private static final ByteString REDACTED_BYTES = ByteString.copyFromUtf8(REDACTED);

  private static final Set<String> SENSITIVE_FIELDS =
      Set.of(
          "access_token",
          "google_refresh_token",
          "json_key",
          "password",
          "private_key",
          "secret_access_key",
          "session_token");

  /**
   * A parser allows 100 messages in each other, but counts anew in each {@code Any}: deeper than
   * this none is opened, lest the stack end.
   */
  private static final int MAX_DEPTH = 100;

  private static final List<String> SENSITIVE_HEADERS =
      List.of("authorization", "cookie", "token", "secret", "password", "api-key", "apikey");

  private Redaction() {}

  /** The same message as it may be shown. */
  static Message shown(Message message) {
    return redact(message, false, 0);
  }

  /** The same in an Any: of the same type, or a note. */
  static Any shown(Any any) {
    return any(any, false, 0);
  }

  private static Message redact(Message message, boolean sensitive, int depth) {
    return switch (message.getDescriptorForType().getFullName()) {
      case "google.protobuf.Any" -> any((Any) message, sensitive, depth);
      case "envoy.config.core.v3.HeaderValue" ->
          message instanceof HeaderValue header && !sensitive
              ? header(header)
              : fields(message, sensitive, depth);
      case "google.protobuf.Value" ->
          sensitive ? Value.newBuilder().setStringValue(REDACTED).build() : message;
      case "udpa.type.v1.TypedStruct", "xds.type.v3.TypedStruct" -> typedStruct(message, depth);
      default -> fields(message, sensitive, depth);
    };
  }

  private static Any any(Any any, boolean sensitive, int depth) {
    if (any.getTypeUrl().isEmpty() && any.getValue().isEmpty()) {
      return any;
    }
    Message inside = depth > MAX_DEPTH ? null : KnownTypes.unpack(any);
    if (inside == null) {
      return note(any);
    }
    return Any.newBuilder()
        .setTypeUrl(any.getTypeUrl())
        .setValue(redact(inside, sensitive, depth + 1).toByteString())
        .build();
  }

  /** Readers of a dump refuse a type that they do not know; this one everybody knows. */
  static Any note(Any any) {
    KnownTypes.byName("google.protobuf.Struct");
    return Any.pack(
        note(
            KnownTypes.typeName(any.getTypeUrl()),
            any.getValue().size() + " bytes that this proxy cannot show"));
  }

  static Struct note(String type, String what) {
    return Struct.newBuilder()
        .putFields("unknown_type", Value.newBuilder().setStringValue(type).build())
        .putFields("note", Value.newBuilder().setStringValue(what).build())
        .build();
  }

  private static Message typedStruct(Message message, int depth) {
    FieldDescriptor value = message.getDescriptorForType().findFieldByName("value");
    return value == null || !message.hasField(value)
        ? message
        : message.toBuilder()
            .setField(value, redact((Message) message.getField(value), true, depth + 1))
            .build();
  }

  private static HeaderValue header(HeaderValue header) {
    String name = header.getKey().toLowerCase(Locale.ROOT);
    if (SENSITIVE_HEADERS.stream().noneMatch(name::contains)) {
      return header;
    }
    // Never left empty: Kuma replaces the text it finds here everywhere in the dump.
    return header.toBuilder().setValue(REDACTED).clearRawValue().build();
  }

  private static Message fields(Message message, boolean sensitive, int depth) {
    Message.Builder shown = null;
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      Object value = entry.getValue();
      Object replacement = value(field, value, sensitive || isSensitive(field), depth);
      if (replacement != value) {
        shown = shown == null ? message.toBuilder() : shown;
        if (replacement == null) {
          shown.clearField(field);
        } else {
          shown.setField(field, replacement);
        }
      }
    }
    return shown == null ? message : shown.build();
  }

  private static boolean isSensitive(FieldDescriptor field) {
    return field.getOptions().getExtension(Sensitive.sensitive)
        || SENSITIVE_FIELDS.contains(field.getName());
  }

  /** The same object if nothing changes; null: to be cleared. */
  private static @Nullable Object value(
      FieldDescriptor field, Object value, boolean sensitive, int depth) {
    if (field.getJavaType() != JavaType.MESSAGE && !sensitive) {
      return value;
    }
    if (!field.isRepeated()) {
      return single(field, value, sensitive, depth);
    }
    List<Object> replaced = new ArrayList<>();
    boolean changed = false;
    for (Object element : (List<?>) value) {
      // The keys of a map stay: two that are "[redacted]" would be one.
      Object replacement =
          field.isMapField()
              ? mapEntry((Message) element, sensitive, depth)
              : single(field, element, sensitive, depth);
      changed |= replacement != element;
      if (replacement != null) {
        replaced.add(replacement);
      }
    }
    return changed ? replaced : value;
  }

  private static Message mapEntry(Message entry, boolean sensitive, int depth) {
    FieldDescriptor field = entry.getDescriptorForType().findFieldByNumber(2);
    Object value = entry.getField(field);
    Object replacement =
        field.getJavaType() == JavaType.MESSAGE || sensitive
            ? single(field, value, sensitive, depth)
            : value;
    if (replacement == value) {
      return entry;
    }
    Message.Builder shown = entry.toBuilder();
    return (replacement == null ? shown.clearField(field) : shown.setField(field, replacement))
        .build();
  }

  private static @Nullable Object single(
      FieldDescriptor field, Object value, boolean sensitive, int depth) {
    return switch (field.getJavaType()) {
      case MESSAGE -> redact((Message) value, sensitive, depth + 1);
      case STRING -> sensitive ? REDACTED : value;
      case BYTE_STRING -> sensitive ? REDACTED_BYTES : value;
      case INT, LONG, FLOAT, DOUBLE, BOOLEAN, ENUM -> sensitive ? null : value;
    };
  }
}
