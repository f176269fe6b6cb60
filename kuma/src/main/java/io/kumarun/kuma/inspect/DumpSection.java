package io.kumarun.kuma.inspect;

import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * One kind of dump, {@code ClustersConfigDump} for example, as its repeated fields. Elements are
 * made when they are written, so that a large mesh is never in memory twice.
 */
final class DumpSection {
  /** A resource, and how to show it. */
  record Element(String name, Supplier<Message> message) {}

  private final String typeName;
  private final Map<String, List<Element>> fields = new LinkedHashMap<>();

  DumpSection(String typeName) {
    this.typeName = typeName;
  }

  /** The full name of the message. */
  String typeName() {
    return typeName;
  }

  void add(String field, String name, Supplier<Message> message) {
    fields.computeIfAbsent(field, key -> new ArrayList<>()).add(new Element(name, message));
  }

  Map<String, List<Element>> fields() {
    return fields;
  }
}
