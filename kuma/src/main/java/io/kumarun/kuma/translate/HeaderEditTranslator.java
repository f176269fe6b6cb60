package io.kumarun.kuma.translate;

import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.kumarun.proxy.config.RouteTableConfig.HeaderEdits;
import io.kumarun.proxy.config.RouteTableConfig.HeaderSet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** {@code *_headers_to_add} and {@code *_headers_to_remove}. */
final class HeaderEditTranslator {
  private HeaderEditTranslator() {}

  static HeaderEdits translate(List<HeaderValueOption> add, List<String> remove, FieldPath path) {
    if (add.isEmpty() && remove.isEmpty()) {
      return HeaderEdits.NONE;
    }
    List<HeaderSet> sets = new ArrayList<>(add.size());
    for (HeaderValueOption option : add) {
      sets.add(set(option, path));
    }
    List<String> removals = new ArrayList<>(remove.size());
    for (String name : remove) {
      removals.add(name(name, path));
    }
    return new HeaderEdits(sets, removals);
  }

  /**
   * One list of edits that does what first the inner, then the outer one would do. Removals come
   * first, so what the inner one sets and the outer one removes is not set at all.
   */
  static HeaderEdits merge(HeaderEdits inner, HeaderEdits outer) {
    if (outer.isEmpty()) {
      return inner;
    }
    if (inner.isEmpty()) {
      return outer;
    }
    List<HeaderSet> sets = new ArrayList<>(inner.set());
    sets.removeIf(set -> outer.remove().contains(set.name()));
    sets.addAll(outer.set());
    Set<String> removals = new LinkedHashSet<>(inner.remove());
    removals.addAll(outer.remove());
    return new HeaderEdits(sets, List.copyOf(removals));
  }

  private static HeaderSet set(HeaderValueOption option, FieldPath path) {
    var header = option.getHeader();
    String value =
        header.getRawValue().isEmpty()
            ? header.getValue()
            : header.getRawValue().toString(StandardCharsets.UTF_8);
    String name = name(header.getKey(), path);
    if (value.indexOf('\r') >= 0 || value.indexOf('\n') >= 0 || value.indexOf('\0') >= 0) {
      throw path.rejected("the value for header " + name + " holds a line break or NUL");
    }
    String unescaped = value.replace("%%", "");
    if (unescaped.indexOf('%') >= 0) {
      path.note("command operators in the values of added headers are not expanded");
    }
    return new HeaderSet(name, value.replace("%%", "%"), append(option, name, path));
  }

  @SuppressWarnings("deprecation")
  private static boolean append(HeaderValueOption option, String name, FieldPath path) {
    if (option.hasAppend()) {
      return option.getAppend().getValue();
    }
    return switch (option.getAppendAction()) {
      case APPEND_IF_EXISTS_OR_ADD -> true;
      case OVERWRITE_IF_EXISTS_OR_ADD -> false;
      case ADD_IF_ABSENT, OVERWRITE_IF_EXISTS, UNRECOGNIZED ->
          throw path.rejected(
              option.getAppendAction() + " for header " + name,
              "APPEND_IF_EXISTS_OR_ADD or OVERWRITE_IF_EXISTS_OR_ADD");
    };
  }

  private static String name(String name, FieldPath path) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.isEmpty() || lower.startsWith(":") || lower.equals("host")) {
      // Envoy refuses these as well: they are rewrites, not edits.
      throw path.rejected(name, "a header name that is not a pseudo-header");
    }
    return lower;
  }
}
