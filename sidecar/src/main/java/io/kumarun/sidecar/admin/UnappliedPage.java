package io.kumarun.sidecar.admin;

import java.io.IOException;
import java.util.List;

/** What the control plane sent, and this sidecar accepted and does not do. */
final class UnappliedPage implements AdminPage {
  private final AdminSource source;

  UnappliedPage(AdminSource source) {
    this.source = source;
  }

  @Override
  public Answer get(AdminRequest request) {
    return switch (request.format()) {
      case "text" -> Answer.of(Answer.TEXT, this::text);
      case "json" -> Answer.of(Answer.JSON, this::json);
      default -> throw AdminPages.unknownFormat(request, "text or json");
    };
  }

  private void text(Appendable out) throws IOException {
    for (String note : source.inventory().notes()) {
      out.append(note.replace('\n', ' ')).append('\n');
    }
  }

  private void json(Appendable out) throws IOException {
    List<String> notes = source.inventory().notes();
    out.append("{\"unapplied\":[");
    String separator = "";
    for (String note : notes) {
      int colon = note.indexOf(": ");
      out.append(separator).append("{\"resource\":\"");
      JsonText.escape(colon < 0 ? "" : note.substring(0, colon), out);
      out.append("\",\"what\":\"");
      JsonText.escape(colon < 0 ? note : note.substring(colon + 2), out);
      out.append("\"}");
      separator = ",\n";
    }
    out.append("]}\n");
  }
}
