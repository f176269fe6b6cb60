package io.kumarun.sidecar.settings;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** How values are read; each throws IllegalArgumentException for one that is wrong. */
final class ValueSyntax {
  private static final List<String> PROTOCOLS = List.of("http", "http2", "grpc", "tcp");

  private ValueSyntax() {}

  static URI url(String text) {
    URI url = URI.create(text);
    return require(
        url,
        url.getHost() != null
            && Arrays.asList("http", "https").contains(url.getScheme())
            && url.getUserInfo() == null);
  }

  static String pem(String text) {
    return require(text, text.contains("-----BEGIN CERTIFICATE-----"));
  }

  static Path readableFile(String text) {
    Path path = Path.of(text);
    return require(path, Files.isReadable(path) && !Files.isDirectory(path));
  }

  /** {@code -}: standard input. */
  static Path readableFileOrInput(String text) {
    return text.equals("-") ? Path.of(text) : readableFile(text);
  }

  /** One that is not there yet must be possible to make. */
  static Path writableFolder(String text) {
    Path path = Path.of(text);
    Path there = path.toAbsolutePath();
    while (there != null && !Files.exists(there)) {
      there = there.getParent();
    }
    return require(path, there != null && Files.isDirectory(there) && Files.isWritable(there));
  }

  static Secret token(String text) {
    String token = text.strip();
    return require(new Secret(token), token.chars().noneMatch(c -> c <= ' '));
  }

  static boolean bool(String text) {
    return switch (text) {
      case "true", "TRUE", "True", "t", "T", "1" -> true;
      case "false", "FALSE", "False", "f", "F", "0" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  static Duration positiveDuration(String text) {
    Duration duration = GoDuration.parse(text);
    return require(duration, duration.isPositive());
  }

  static int number(String text, int least, int most) {
    int number = Integer.parseInt(text);
    return require(number, number >= least && number <= most);
  }

  static int port(String text) {
    return number(text, 1, 65_535);
  }

  static String protocol(String text) {
    return require(text, PROTOCOLS.contains(text));
  }

  static String dnsLabel(String text) {
    return require(text, NameSyntax.isDnsLabel(text));
  }

  /** As the control plane has it: an address of this host or a name, but no wildcard. */
  static String address(String text) {
    return require(
        text,
        text.matches("[0-9A-Za-z]([-0-9A-Za-z.:]*[0-9A-Za-z])?|[0-9A-Fa-f:.]+")
            && !text.equals("0.0.0.0")
            && !text.equals("::"));
  }

  /** Of a resource or a mesh. */
  static String resourceName(String text) {
    return require(text, text.matches("[0-9a-z_.-]{1,253}"));
  }

  static String proxyType(String text) {
    return require(text, text.equals("dataplane"));
  }

  private static <T> T require(T value, boolean right) {
    if (!right) {
      throw new IllegalArgumentException("out of range");
    }
    return value;
  }
}
