package io.kumarun.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the README says of the code must be true. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern TYPE = Pattern.compile("`([A-Z][A-Za-z0-9]+)`");

  @Test
  void everyFileOnTheWayOfARequestExists() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    int from = readme.indexOf("## The way of a request");
    String section = readme.substring(from, readme.indexOf("## Layout"));
    List<String> named =
        TYPE.matcher(section).results().map(match -> match.group(1)).distinct().toList();

    assertThat(named).hasSizeGreaterThan(25);
    assertThat(sources()).containsAll(named);
  }

  @Test
  void everyFolderOfTheLayoutExists() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    String section = readme.substring(readme.indexOf("## Layout"), readme.indexOf("## Limits"));
    List<String> named =
        Pattern.compile("`([a-z.0-9-]+/)`")
            .matcher(section)
            .results()
            .map(match -> match.group(1))
            .toList();

    assertThat(named)
        .hasSizeGreaterThan(8)
        .allSatisfy(folder -> assertThat(ROOT.resolve(folder)).isDirectory());
  }

  private static Set<String> sources() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".java"))
          .map(name -> name.substring(0, name.length() - ".java".length()))
          .collect(Collectors.toSet());
    }
  }
}
