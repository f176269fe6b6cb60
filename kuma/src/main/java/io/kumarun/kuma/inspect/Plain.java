package io.kumarun.kuma.inspect;

/** Names from elsewhere in lines of text: none of them begins a line of its own. */
final class Plain {
  private Plain() {}

  static String text(String name) {
    StringBuilder plain = null;
    for (int i = 0; i < name.length(); i++) {
      if (Character.isISOControl(name.charAt(i))) {
        plain = plain == null ? new StringBuilder(name) : plain;
        plain.setCharAt(i, '?');
      }
    }
    return plain == null ? name : plain.toString();
  }
}
