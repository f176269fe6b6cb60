package io.kumarun.kuma.inspect;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.admin.v3.BootstrapConfigDump;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Envoy's {@code /config_dump}: JSON of an {@code envoy.admin.v3.ConfigDump}, without secrets. It
 * is written element by element; nothing holds all of it. Any thread but an event loop.
 */
public final class ConfigDump {
  private static final String URL = "type.googleapis.com/";
  private static final String BOOTSTRAP = "bootstrap";

  private final DumpRequest request;
  private final IndentedOutput out;
  private boolean first = true;

  private ConfigDump(DumpRequest request, Appendable out) {
    this.request = request;
    this.out = new IndentedOutput(out);
  }

  /**
   * Writes what is asked for.
   *
   * @throws IllegalArgumentException there is no such field; nothing is written then
   */
  public static void write(Inventory inventory, DumpRequest request, Appendable out)
      throws IOException {
    List<DumpSection> sections =
        DumpSections.of(inventory, request.endpoints() || request.field() != null);
    checkField(request, sections);
    ConfigDump dump = new ConfigDump(request, out);
    dump.out.append("{\n \"configs\": [");
    if (request.field() == null) {
      dump.everything(inventory, sections);
    } else {
      dump.field(request.field(), inventory, sections);
    }
    dump.out.append("\n ]\n}\n");
  }

  private static void checkField(DumpRequest request, List<DumpSection> sections) {
    String field = request.field();
    if (field == null || field.equals(BOOTSTRAP)) {
      return;
    }
    TreeSet<String> known = new TreeSet<>();
    known.add(BOOTSTRAP);
    for (DumpSection section : sections) {
      Message prototype = KnownTypes.byName(section.typeName());
      if (prototype != null) {
        prototype.getDescriptorForType().getFields().stream()
            .filter(each -> each.isRepeated())
            .forEach(each -> known.add(each.getName()));
      }
    }
    if (!known.contains(field)) {
      throw new IllegalArgumentException(
          "there is no resource \"" + field + "\", expected one of " + String.join(", ", known));
    }
  }

  private void everything(Inventory inventory, List<DumpSection> sections) throws IOException {
    if (request.name() == null) {
      next(2).message(bootstrap(inventory), 2);
    }
    for (DumpSection section : sections) {
      next(2).append("{\n   \"@type\": \"" + URL + section.typeName() + '"');
      for (Map.Entry<String, List<DumpSection.Element>> field : section.fields().entrySet()) {
        out.append(",\n   \"" + field.getKey() + "\": [");
        boolean firstElement = true;
        for (DumpSection.Element element : field.getValue()) {
          if (request.wants(element.name())) {
            out.append(firstElement ? "\n    " : ",\n    ");
            firstElement = false;
            out.plain(element.message().get(), 4);
          }
        }
        out.append("\n   ]");
      }
      out.append("\n  }");
    }
  }

  /** The elements of one field, each as a configuration of its own. */
  private void field(String name, Inventory inventory, List<DumpSection> sections)
      throws IOException {
    if (name.equals(BOOTSTRAP)) {
      next(2).message(bootstrap(inventory), 2);
    }
    for (DumpSection section : sections) {
      for (DumpSection.Element element : section.fields().getOrDefault(name, List.of())) {
        if (request.wants(element.name())) {
          next(2).message(element.message().get(), 2);
        }
      }
    }
  }

  private IndentedOutput next(int spaces) throws IOException {
    out.append(first ? "\n" : ",\n").append(" ".repeat(spaces));
    first = false;
    return out;
  }

  private static Message bootstrap(Inventory inventory) {
    return Redaction.shown(
        BootstrapConfigDump.newBuilder()
            .setBootstrap(BootstrapDump.of(inventory))
            .setLastUpdated(DumpSections.time(inventory.joinedAt()))
            .build());
  }
}
