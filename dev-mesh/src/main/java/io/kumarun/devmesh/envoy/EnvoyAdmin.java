package io.kumarun.devmesh.envoy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The admin interface of an Envoy, on a Unix socket or a port. Any thread; blocks. */
public final class EnvoyAdmin {

  private final SocketAddress address;

  private EnvoyAdmin(SocketAddress address) {
    this.address = address;
  }

  static EnvoyAdmin of(String bootstrap) {
    try {
      JsonNode admin =
          new ObjectMapper(new YAMLFactory()).readTree(bootstrap).path("admin").path("address");
      JsonNode pipe = admin.path("pipe").path("path");
      if (!pipe.isMissingNode()) {
        return new EnvoyAdmin(UnixDomainSocketAddress.of(pipe.asText()));
      }
      JsonNode socket =
          admin.has("socketAddress") ? admin.path("socketAddress") : admin.path("socket_address");
      int port =
          socket.has("portValue")
              ? socket.path("portValue").asInt()
              : socket.path("port_value").asInt();
      return new EnvoyAdmin(new InetSocketAddress(socket.path("address").asText(), port));
    } catch (IOException e) {
      throw new IllegalArgumentException("The bootstrap is not YAML", e);
    }
  }

  /** Whether {@code /ready} says LIVE. */
  public boolean isLive() {
    try {
      return exchange("GET", "/ready").contains("LIVE");
    } catch (IOException e) {
      return false;
    }
  }

  /** The body of a GET, as of {@code /config_dump} or {@code /stats}. */
  public String get(String path) {
    try {
      String answer = exchange("GET", path);
      int end = answer.indexOf("\r\n\r\n");
      if (end < 0) {
        return "";
      }
      String head = answer.substring(0, end).toLowerCase(Locale.ROOT);
      String body = answer.substring(end + 4);
      return head.contains("transfer-encoding: chunked") ? unchunked(body) : body;
    } catch (IOException e) {
      throw new UncheckedIOException("Envoy does not answer on " + address, e);
    }
  }

  private static String unchunked(String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int at = 0;
    while (at < bytes.length) {
      int line = at;
      while (bytes[line] != '\r') {
        line++;
      }
      int size = Integer.parseInt(new String(bytes, at, line - at, StandardCharsets.US_ASCII), 16);
      out.write(bytes, line + 2, size);
      at = line + 2 + size + 2;
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private String exchange(String method, String path) throws IOException {
    try (SocketChannel channel = SocketChannel.open(address)) {
      channel.write(
          ByteBuffer.wrap(
              (method + " " + path + " HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII)));
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      ByteBuffer buffer = ByteBuffer.allocate(16 * 1024);
      while (channel.read(buffer) >= 0) {
        answer.write(buffer.array(), 0, buffer.position());
        buffer.clear();
      }
      return answer.toString(StandardCharsets.UTF_8);
    }
  }
}
