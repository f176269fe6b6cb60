package io.kumarun.sidecar.admin;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.kumarun.kuma.inspect.ConfigDump;
import io.kumarun.kuma.inspect.DumpRequest;
import org.jspecify.annotations.Nullable;

/** Envoy's {@code /config_dump}. */
final class ConfigDumpPage implements AdminPage {
  private final AdminSource source;

  ConfigDumpPage(AdminSource source) {
    this.source = source;
  }

  @Override
  public Answer get(AdminRequest request) {
    if (request.has("mask")) {
      throw new IllegalArgumentException("mask is not served; ask for ?resource=FIELD");
    }
    DumpRequest wanted =
        new DumpRequest(
            request.has("include_eds"), request.value("resource"), regex(request, "name_regex"));
    return Answer.of(Answer.JSON, out -> ConfigDump.write(source.inventory(), wanted, out));
  }

  static @Nullable Pattern regex(AdminRequest request, String parameter) {
    String text = request.value(parameter);
    try {
      return text == null ? null : Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(parameter + ": " + e.getMessage());
    }
  }
}
