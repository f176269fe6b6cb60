package io.kumarun.sidecar.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What kuma-dp 2.14 makes of the same templates. */
class ResourceTemplateTest {
  private static final Map<String, String> VARIABLES =
      Map.of("name", "backend-1", "a", "<'1\"&>", "net.address", "10.0.0.1", "net.port", "80");

  @Test
  void variablesAreFilledIn() {
    assertThat(render("name: {{ name }}/{{name}}")).isEqualTo("name: backend-1/backend-1");
    assertThat(render("{{ net.address }}:{{net.port}}")).isEqualTo("10.0.0.1:80");
  }

  @Test
  void anUnknownVariableIsEmpty() {
    assertThat(render("x{{ unknown }}{{ net.unknown }}{{ un.known }}y")).isEqualTo("xy");
  }

  @Test
  void valuesAreEscapedUnlessThereAreThreeBraces() {
    assertThat(render("{{a}}")).isEqualTo("&lt;&#39;1&#34;&amp;&gt;");
    assertThat(render("{{{a}}}")).isEqualTo("<'1\"&>");
  }

  @Test
  void aPartMayDependOnAVariable() {
    assertThat(render("{{#name}}a{{/name}}{{#none}}b{{/none}}{{^none}}c{{/none}}")).isEqualTo("ac");
  }

  @Test
  void aTextWithoutBracesIsNoTemplate() {
    assertThat(render("a: {b: '}}'}")).isEqualTo("a: {b: '}}'}");
  }

  @Test
  void aTemplateThatCannotBeReadIsRefused() {
    assertThatThrownBy(() -> render("{{#name}}a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the template cannot be filled: ");
    assertThatThrownBy(() -> render("{{> other }}")).isInstanceOf(IllegalArgumentException.class);
  }

  private static String render(String text) {
    return ResourceTemplate.render(text, VARIABLES);
  }
}
