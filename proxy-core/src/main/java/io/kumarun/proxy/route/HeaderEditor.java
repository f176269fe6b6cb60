package io.kumarun.proxy.route;

import io.kumarun.proxy.config.RouteTableConfig.HeaderEdits;
import io.kumarun.proxy.config.RouteTableConfig.HeaderSet;
import io.kumarun.proxy.http.HeaderMap;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Header edits, prepared. Removals come before additions, as in Envoy. Immutable; any thread. */
public final class HeaderEditor {
  private static final HeaderEditor NONE = new HeaderEditor(List.of());

  private final List<Edit> edits;

  private HeaderEditor(List<Edit> edits) {
    this.edits = edits;
  }

  static HeaderEditor of(HeaderEdits config) {
    if (config.isEmpty()) {
      return NONE;
    }
    List<Edit> edits = new ArrayList<>();
    for (String name : config.remove()) {
      edits.add(new Edit(Kind.REMOVE, lower(name), AsciiString.EMPTY_STRING));
    }
    for (HeaderSet set : config.set()) {
      edits.add(
          new Edit(
              set.append() ? Kind.ADD : Kind.SET, lower(set.name()), new AsciiString(set.value())));
    }
    return new HeaderEditor(List.copyOf(edits));
  }

  HeaderEditor then(HeaderEditor next) {
    if (next.edits.isEmpty()) {
      return this;
    }
    if (edits.isEmpty()) {
      return next;
    }
    List<Edit> both = new ArrayList<>(edits);
    both.addAll(next.edits);
    return new HeaderEditor(List.copyOf(both));
  }

  /** Changes the headers in place. */
  public void apply(HeaderMap headers) {
    for (int i = 0; i < edits.size(); i++) {
      Edit edit = edits.get(i);
      switch (edit.kind) {
        case REMOVE -> headers.remove(edit.name);
        case SET -> headers.set(edit.name, edit.value);
        case ADD -> headers.add(edit.name, edit.value);
      }
    }
  }

  private static AsciiString lower(String name) {
    return AsciiString.cached(name.toLowerCase(Locale.ROOT));
  }

  private enum Kind {
    REMOVE,
    SET,
    ADD
  }

  private record Edit(Kind kind, AsciiString name, AsciiString value) {}
}
