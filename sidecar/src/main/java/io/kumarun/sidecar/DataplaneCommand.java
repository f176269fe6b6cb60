package io.kumarun.sidecar;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.kumarun.kuma.DataplaneResource;
import io.kumarun.sidecar.dataplane.DataplaneSource;
import io.kumarun.sidecar.settings.Settings;
import io.kumarun.sidecar.settings.StartupException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kumarun dataplane}: what {@code run} would register. */
@Command(
    name = "dataplane",
    description =
        "Prints the Dataplane that run would register, from the same variables and flags.",
    abbreviateSynopsis = true,
    sortOptions = false,
    footer = "More settings have no flag but a variable: README.md has all of them.",
    mixinStandardHelpOptions = true)
final class DataplaneCommand implements Callable<Integer> {
  private final Map<String, String> environment;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--json", description = "JSON instead of YAML")
  private boolean json;

  DataplaneCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws JsonProcessingException {
    Settings settings = Settings.from(environment, SettingOptions.given(spec));
    Logging.setLevel(settings.logLevel());
    settings
        .warnings()
        .forEach(warning -> spec.commandLine().getErr().println("kumarun: " + warning));
    DataplaneResource dataplane = DataplaneSource.dataplane(settings);
    String resource = dataplane.json();
    if (resource == null) {
      throw new StartupException(
          "Dataplane "
              + dataplane.name()
              + " of mesh "
              + dataplane.mesh()
              + " is made beforehand, so there is nothing to print: kumactl get dataplane "
              + dataplane.name()
              + " --mesh "
              + dataplane.mesh());
    }
    ObjectWriter writer =
        json
            ? new ObjectMapper().writerWithDefaultPrettyPrinter()
            : YAMLMapper.builder()
                .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                .build()
                .writer();
    String text = writer.writeValueAsString(new ObjectMapper().readTree(resource));
    spec.commandLine().getOut().println(text.strip());
    return 0;
  }
}
