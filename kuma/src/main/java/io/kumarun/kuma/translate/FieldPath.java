package io.kumarun.kuma.translate;

import com.google.protobuf.Any;
import com.google.protobuf.Internal;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;

/**
 * Where in a resource the translation is, so that what it refuses or leaves out can be found. All
 * paths of one resource share their notes.
 */
final class FieldPath {
  /** Per resource, whatever it holds. */
  static final int MAX_NOTES = 100;

  private final String resource;
  private final String path;
  private final List<Note> notes;

  FieldPath(String resource) {
    this(resource, "", new ArrayList<>());
  }

  private FieldPath(String resource, String path, List<Note> notes) {
    this.resource = resource;
    this.path = path;
    this.notes = notes;
  }

  FieldPath at(String field) {
    return new FieldPath(resource, path.isEmpty() ? field : path + "." + field, notes);
  }

  FieldPath at(String field, int index) {
    return at(field + "[" + index + "]");
  }

  /**
   * Says that a value was understood and left out. Fields that nobody reads need no note: {@link
   * UnappliedFields} finds them.
   */
  void note(String what) {
    if (notes.size() < MAX_NOTES) {
      notes.add(new Note(shortened(path), what));
    }
  }

  List<Note> notes() {
    return List.copyOf(notes);
  }

  ResourceRejectedException rejected(String problem) {
    return new ResourceRejectedException(
        path.isEmpty() ? resource + ": " + problem : resource + ": " + path + ": " + problem);
  }

  ResourceRejectedException rejected(Object value, String expected) {
    return rejected(
        "\"" + shortened(String.valueOf(value)) + "\" is not served, expected " + expected);
  }

  /** Refuses a field that must not be set, because leaving it out would change what is allowed. */
  void refuse(boolean present, String field) {
    if (present) {
      throw at(field).rejected("is not served; remove it");
    }
  }

  /** Refuses fields that this program's schema does not know. */
  <T extends Message> T known(T message) {
    if (hasUnknownFields(message)) {
      throw rejected("has fields that are not known here, and they could restrict traffic");
    }
    return message;
  }

  <T extends Message> T unpack(Any any, Class<T> type) {
    try {
      if (any.is(type)) {
        // Not Any.unpack: that keeps the message, several times its bytes, for as long as the Any.
        T prototype = Internal.getDefaultInstance(type);
        return type.cast(prototype.getParserForType().parseFrom(any.getValue()));
      }
    } catch (InvalidProtocolBufferException e) {
      // Said below.
    }
    throw rejected(
        "is not a readable " + type.getSimpleName() + " (its type is " + typeName(any) + ")");
  }

  /** The message name in an Any, also where a plain {@code type.googleapis.com/} is missing. */
  static String typeName(Any any) {
    String url = any.getTypeUrl();
    return url.isEmpty() ? "none" : shortened(url.substring(url.lastIndexOf('/') + 1));
  }

  static String shortened(String value) {
    return value.length() <= 200 ? value : value.substring(0, 200) + "…";
  }

  private static boolean hasUnknownFields(Message message) {
    if (!message.getUnknownFields().asMap().isEmpty()) {
      return true;
    }
    for (Object value : message.getAllFields().values()) {
      if (value instanceof Message nested && hasUnknownFields(nested)) {
        return true;
      }
      if (value instanceof List<?> list) {
        for (Object element : list) {
          if (element instanceof Message nested && hasUnknownFields(nested)) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
