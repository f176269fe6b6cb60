package io.kumarun.sidecar.dataplane;

import com.samskivert.mustache.Escapers;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import com.samskivert.mustache.Template;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Dataplane with {@code {{ name }}} in it, as kuma-dp fills it: mustache, with values escaped as
 * for HTML unless there are three braces, and nothing where a variable has no value.
 */
final class ResourceTemplate {
  private static final Logger LOG = LoggerFactory.getLogger(ResourceTemplate.class);

  /** Go's, which are not the library's own. */
  private static final Mustache.Escaper ESCAPER =
      Escapers.simple(
          new String[][] {
            {"&", "&amp;"}, {"'", "&#39;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&#34;"}
          });

  private ResourceTemplate() {}

  /**
   * Fills the template.
   *
   * @param variables with dots in the name for a value within a value
   * @throws IllegalArgumentException if it is none
   */
  static String render(String text, Map<String, String> variables) {
    if (!text.contains("{{")) {
      return text;
    }
    try {
      Template template = Mustache.compiler().withEscaper(ESCAPER).defaultValue("").compile(text);
      template.visit(new Unknown(variables));
      return template.execute(nested(variables));
    } catch (MustacheException | UnsupportedOperationException e) {
      throw new IllegalArgumentException("the template cannot be filled: " + e.getMessage());
    }
  }

  private static Map<String, Object> nested(Map<String, String> variables) {
    Map<String, Object> root = new HashMap<>();
    variables.forEach(
        (name, value) -> {
          Map<String, Object> at = root;
          String[] parts = name.split("\\.", -1);
          for (int i = 0; i < parts.length - 1; i++) {
            at = child(at, parts[i]);
          }
          at.put(parts[parts.length - 1], value);
        });
    return root;
  }

  @SuppressWarnings("unchecked") // what is a map here was made below
  private static Map<String, Object> child(Map<String, Object> parent, String name) {
    if (!(parent.get(name) instanceof Map<?, ?>)) {
      parent.put(name, new HashMap<String, Object>());
    }
    return (Map<String, Object>) parent.get(name);
  }

  /** Names what stays empty, which kuma-dp does in silence. */
  private record Unknown(Map<String, String> variables) implements Mustache.Visitor {

    @Override
    public void visitText(String text) {}

    @Override
    public void visitVariable(String name) {
      if (!variables.containsKey(name)) {
        LOG.warn(
            "No --dataplane-var has a value for \"{}\" in the Dataplane; it stays empty", name);
      }
    }

    @Override
    public boolean visitInclude(String name) {
      return false;
    }

    @Override
    public boolean visitSection(String name) {
      return true;
    }

    @Override
    public boolean visitInvertedSection(String name) {
      return true;
    }
  }
}
