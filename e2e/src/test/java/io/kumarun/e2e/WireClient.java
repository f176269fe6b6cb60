package io.kumarun.e2e;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plays the peer of a case on a connection of its own, and writes down what comes back. */
final class WireClient {
  private static final int PATIENCE_MILLIS = 8000;
  private static final int IMPATIENCE_MILLIS = 500;
  private static final byte[] PROBE =
      String.join("\r\n", "GET " + WireApplication.PROBE + " HTTP/1.1", "host: probe", "", "")
          .getBytes(StandardCharsets.US_ASCII);

  private final Socket socket;
  private final InputStream in;
  private final WireCase wire;
  private final List<String> heard = new ArrayList<>();

  private WireClient(Socket socket, WireCase wire) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
    this.wire = wire;
  }

  static List<String> play(WireCase wire, InetSocketAddress sidecar) throws IOException {
    try (Socket socket = new Socket()) {
      socket.setTcpNoDelay(true);
      socket.connect(sidecar, PATIENCE_MILLIS);
      socket.setSoTimeout(wire.is(WireCase.Flag.SILENT) ? IMPATIENCE_MILLIS : PATIENCE_MILLIS);
      WireClient client = new WireClient(socket, wire);
      client.send();
      client.listen();
      return client.heard;
    }
  }

  private void send() throws IOException {
    int sent = 0;
    for (byte[] segment : wire.segments()) {
      if (sent++ > 0) {
        awaitAnswer();
      }
      try {
        socket.getOutputStream().write(segment);
      } catch (IOException e) {
        return; // What was heard before tells why.
      }
    }
  }

  private void awaitAnswer() throws IOException {
    socket.setSoTimeout(IMPATIENCE_MILLIS);
    in.mark(1);
    try {
      if (in.read() >= 0) {
        in.reset();
      }
    } catch (IOException e) {
      // Nothing, then.
    }
    socket.setSoTimeout(PATIENCE_MILLIS);
  }

  private void listen() {
    int left = wire.responses();
    boolean toHead = wire.toHead();
    while (left > 0) {
      WireMessage response = next(toHead);
      if (response == null) {
        return;
      }
      heard.addAll(response.text());
      if (response.end() == WireMessage.End.CUT) {
        return;
      }
      if (response.isInformational()) {
        continue;
      }
      if (response.isLast()) {
        awaitEnd();
        return;
      }
      left--;
      toHead = false;
    }
    probe();
  }

  private @Nullable WireMessage next(boolean toHead) {
    try {
      WireMessage response = WireMessage.response(in, toHead);
      if (response == null) {
        heard.add("= closed");
      }
      return response;
    } catch (SocketTimeoutException e) {
      heard.add("= silence");
    } catch (IOException e) {
      heard.add("= closed");
    }
    return null;
  }

  private void awaitEnd() {
    try {
      heard.add(in.read() < 0 ? "= closed" : "= more came");
    } catch (SocketTimeoutException e) {
      heard.add("= left open");
    } catch (IOException e) {
      heard.add("= closed");
    }
  }

  private void probe() {
    try {
      socket.getOutputStream().write(PROBE);
    } catch (IOException e) {
      heard.add("= closed");
      return;
    }
    WireMessage response = next(false);
    if (response != null) {
      heard.add("= and then " + response.startLine());
    }
  }
}
