package io.kumarun.sidecar.admin;

import io.kumarun.kuma.inspect.UnappliedField;
import java.io.IOException;

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
    for (UnappliedField field : source.inventory().unapplied()) {
      out.append(field.toString().replace('\n', ' ').replace('\r', ' ')).append('\n');
    }
  }

  private void json(Appendable out) throws IOException {
    out.append("{\"unapplied\":[");
    String separator = "";
    for (UnappliedField field : source.inventory().unapplied()) {
      out.append(separator).append("{\"kind\":\"");
      JsonText.escape(field.kind(), out);
      out.append("\",\"resource\":\"");
      JsonText.escape(field.resource(), out);
      out.append("\",\"path\":\"");
      JsonText.escape(field.path(), out);
      out.append("\",\"feature\":\"");
      JsonText.escape(field.feature(), out);
      out.append("\"}");
      separator = ",\n";
    }
    out.append("]}\n");
  }
}
