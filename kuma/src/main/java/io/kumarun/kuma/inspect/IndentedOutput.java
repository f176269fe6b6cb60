package io.kumarun.kuma.inspect;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import java.io.IOException;

/** JSON on its way out, message by message, each indented to where it stands. */
final class IndentedOutput {
  private final Appendable out;

  IndentedOutput(Appendable out) {
    this.out = out;
  }

  IndentedOutput append(String text) throws IOException {
    out.append(text);
    return this;
  }

  /** With its {@code @type}. */
  void message(Message message, int spaces) throws IOException {
    String name = message.getDescriptorForType().getFullName();
    KnownTypes.byName(name);
    plain(
        Any.newBuilder()
            .setTypeUrl("type.googleapis.com/" + name)
            .setValue(message.toByteString())
            .build(),
        spaces);
  }

  void plain(Message message, int spaces) throws IOException {
    KnownTypes.printer().appendTo(message, new Indenting(spaces));
  }

  /** Line feeds within JSON texts are escaped, so each one seen begins a line. */
  private final class Indenting implements Appendable {
    private final String indent;

    Indenting(int spaces) {
      this.indent = "\n" + " ".repeat(spaces);
    }

    @Override
    public Appendable append(CharSequence text) throws IOException {
      return append(text, 0, text.length());
    }

    @Override
    public Appendable append(CharSequence text, int start, int end) throws IOException {
      int from = start;
      for (int i = start; i < end; i++) {
        if (text.charAt(i) == '\n') {
          out.append(text, from, i).append(indent);
          from = i + 1;
        }
      }
      out.append(text, from, end);
      return this;
    }

    @Override
    public Appendable append(char c) throws IOException {
      return append(String.valueOf(c));
    }
  }
}
