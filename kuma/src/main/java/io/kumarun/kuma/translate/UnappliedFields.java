package io.kumarun.kuma.translate;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import io.kumarun.kuma.translate.AppliedFields.Reading;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Walks every set field of a resource, through each Any, and finds what {@link AppliedFields} does
 * not know as read: fields of Envoy that have no meaning here yet, types of extensions, and fields
 * that this program's schema does not have. A subtree that nobody reads is one entry, its root. No
 * value is shown, because it may be a secret.
 *
 * <p>The bytes are walked, with the descriptors beside them: reflection on the messages would look
 * at each field that is not set as well, and takes twenty times as long.
 */
final class UnappliedFields {
  /** In one resource, whatever it holds. */
  static final int MAX_FEATURES = 100;

  /** Of one feature in one resource; a last entry says how many more there are. */
  static final int MAX_PER_FEATURE = 5;

  /** Deeper than any that means something. */
  private static final int MAX_DEPTH = 100;

  /** The tag of a map's key that is a string. */
  private static final int KEY = 1 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;

  private final List<Note> found = new ArrayList<>();
  private final Map<String, Integer> counts = new HashMap<>();
  private final StringBuilder path = new StringBuilder();

  private UnappliedFields() {}

  /** What a translated resource holds in vain. Never fails, and what it returns is bounded. */
  static List<Note> of(Any resource) {
    UnappliedFields walk = new UnappliedFields();
    walk.any(FieldPath.typeName(resource), resource.getValue(), 0);
    walk.counts.forEach(
        (feature, count) -> {
          if (count > MAX_PER_FEATURE) {
            walk.found.add(new Note((count - MAX_PER_FEATURE) + " more", feature));
          }
        });
    return walk.found;
  }

  private void any(String type, ByteString value, int depth) {
    int mark = path.length();
    if (depth > 0) {
      path.append('<').append(type, type.lastIndexOf('.') + 1, type.length()).append('>');
    }
    int inside = path.length();
    Reading reading = AppliedFields.READINGS.get(type);
    if (reading != null && reading.prototype() != null) {
      try {
        message(value.newCodedInput(), reading.prototype().getDescriptorForType(), depth);
      } catch (IOException e) { // nothing that was translated has looked at it, then
        path.setLength(inside);
        add(type);
      }
    } else if (!AppliedFields.IGNORED_TYPES.containsKey(type)) {
      add(type);
    }
    path.setLength(mark);
  }

  /** Takes what is left up to the limit. */
  private void message(CodedInputStream in, Descriptor type, int depth) throws IOException {
    String name = type.getFullName();
    Reading reading = AppliedFields.READINGS.get(name);
    if (AppliedFields.IGNORED_TYPES.containsKey(name)) {
      in.skipMessage();
    } else if (reading == null) {
      add(name);
      in.skipMessage();
    } else if (depth == MAX_DEPTH) {
      add("what is nested too deeply");
      in.skipMessage();
    } else if (reading.read().isEmpty()) {
      unread(in, type, reading);
    } else {
      fields(in, type, reading, depth + 1);
    }
  }

  /** A message of which nothing is read: one entry, with the field where there is only one. */
  private void unread(CodedInputStream in, Descriptor type, Reading reading) throws IOException {
    int only = 0;
    boolean several = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      int number = WireFormat.getTagFieldNumber(tag);
      FieldDescriptor field = type.findFieldByNumber(number);
      if (field == null || !reading.ignored().containsKey(field.getName())) {
        several |= only != 0 && only != number;
        only = number;
      }
      in.skipField(tag);
    }
    if (several) {
      add(type.getFullName());
    } else if (only != 0) {
      unread(type, only);
    }
  }

  private void unread(Descriptor type, int number) {
    FieldDescriptor field = type.findFieldByNumber(number);
    int mark = path.length();
    if (field == null) {
      append("field " + number);
      add(type.getFullName() + ", a field that is not known here");
    } else {
      append(field.getName());
      add(field.getFullName());
    }
    path.setLength(mark);
  }

  private void fields(CodedInputStream in, Descriptor type, Reading reading, int depth)
      throws IOException {
    int mark = path.length();
    int previous = 0;
    int index = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      int number = WireFormat.getTagFieldNumber(tag);
      index = number == previous ? index + 1 : 0; // elements of a list follow each other
      FieldDescriptor field = type.findFieldByNumber(number);
      if (field != null && reading.read().contains(field.getName())) {
        append(field.getName());
        value(in, tag, field, index, depth);
        path.setLength(mark);
      } else {
        if (index == 0 && (field == null || !reading.ignored().containsKey(field.getName()))) {
          unread(type, number);
        }
        in.skipField(tag);
      }
      previous = number;
    }
  }

  private void value(CodedInputStream in, int tag, FieldDescriptor field, int index, int depth)
      throws IOException {
    if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE
        || WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
      in.skipField(tag);
      return;
    }
    int limit = in.pushLimit(in.readUInt32());
    if (field.isMapField()) {
      entry(in, field.getMessageType(), depth);
    } else {
      if (field.isRepeated()) {
        path.append('[').append(index).append(']');
      }
      message(in, field, depth);
    }
    in.popLimit(limit);
  }

  /** Keys come first, as every writer has it. */
  private void entry(CodedInputStream in, Descriptor type, int depth) throws IOException {
    FieldDescriptor value = type.findFieldByNumber(2);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == KEY) {
        path.append("[\"").append(FieldPath.shortened(in.readString())).append("\"]");
      } else if (WireFormat.getTagFieldNumber(tag) == 2) {
        value(in, tag, value, 0, depth);
      } else {
        in.skipField(tag);
      }
    }
  }

  private void message(CodedInputStream in, FieldDescriptor field, int depth) throws IOException {
    Descriptor type = field.getMessageType();
    if (type.getFullName().equals("google.protobuf.Any")) {
      Any any = Any.parseFrom(in);
      any(FieldPath.typeName(any), any.getValue(), depth);
    } else if (type.getFullName().startsWith("google.protobuf.")) {
      in.skipMessage(); // a value: a number, a duration, a tree of data
    } else {
      message(in, type, depth);
    }
  }

  private void append(String field) {
    if (!path.isEmpty()) {
      path.append('.');
    }
    path.append(field);
  }

  private void add(String feature) {
    if (counts.size() >= MAX_FEATURES && !counts.containsKey(feature)) {
      return;
    }
    if (counts.merge(feature, 1, Integer::sum) <= MAX_PER_FEATURE) {
      found.add(new Note(shortenedPath(), feature));
    }
  }

  /** The end says more than the beginning. */
  private String shortenedPath() {
    int length = path.length();
    return length <= 500 ? path.toString() : "…" + path.substring(length - 500);
  }
}
