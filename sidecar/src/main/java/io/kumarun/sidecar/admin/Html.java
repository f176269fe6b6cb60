package io.kumarun.sidecar.admin;

import java.io.IOException;

/**
 * HTML on its way out. Every text that is not of this program goes through {@link #text}, wherever
 * it stands: names of resources are chosen by others.
 */
final class Html {
  private final Appendable out;

  Html(Appendable out) {
    this.out = out;
  }

  /** Markup of this program. */
  Html raw(String markup) throws IOException {
    out.append(markup);
    return this;
  }

  /** Anything, escaped for element content and quoted attributes. */
  Html text(Object text) throws IOException {
    String plain = String.valueOf(text);
    for (int i = 0; i < plain.length(); i++) {
      char c = plain.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(Character.isISOControl(c) ? ' ' : c);
      }
    }
    return this;
  }

  /** A row of a table. */
  Html row(Object... cells) throws IOException {
    raw("<tr>");
    for (Object cell : cells) {
      raw("<td>").text(cell).raw("</td>");
    }
    return raw("</tr>\n");
  }

  /** The head of a table with these columns. */
  Html table(String... columns) throws IOException {
    raw("<table><tr>");
    for (String column : columns) {
      raw("<th>").text(column).raw("</th>");
    }
    return raw("</tr>\n");
  }

  Html endTable() throws IOException {
    return raw("</table>\n");
  }

  Html section(String title, int count) throws IOException {
    return raw("<h2>").text(title).raw(count < 0 ? "" : " (" + count + ")").raw("</h2>\n");
  }
}
