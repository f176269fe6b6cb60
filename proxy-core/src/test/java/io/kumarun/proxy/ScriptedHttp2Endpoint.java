package io.kumarun.proxy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The server side of an HTTP/2 connection, frame by frame, for the thread of a test. */
final class ScriptedHttp2Endpoint implements AutoCloseable {
  static final int INTERNAL_ERROR = 2;
  static final int REFUSED_STREAM = 7;

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int GOAWAY = 7;
  private static final int PREFACE_LENGTH = 24;
  private static final int END_STREAM_AND_HEADERS = 5;

  /** {@code :status: 200} of the static table. */
  private static final byte[] STATUS_200 = {(byte) 0x88};

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;

  ScriptedHttp2Endpoint(Socket socket) throws IOException {
    this.socket = socket;
    in = new DataInputStream(socket.getInputStream());
    out = new DataOutputStream(socket.getOutputStream());
    in.readFully(new byte[PREFACE_LENGTH]);
    write(SETTINGS, 0, 0, new byte[0]);
  }

  private record Frame(int type, int streamId, byte[] payload) {}

  private Frame read() throws IOException {
    int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
    int type = in.readUnsignedByte();
    in.readUnsignedByte();
    int streamId = in.readInt();
    byte[] payload = new byte[length];
    in.readFully(payload);
    return new Frame(type, streamId, payload);
  }

  private Frame await(int type) throws IOException {
    while (true) {
      Frame frame = read();
      if (frame.type == type) {
        return frame;
      }
    }
  }

  /** The stream of the next request. */
  int awaitRequest() throws IOException {
    return await(HEADERS).streamId;
  }

  /** The next bytes of a body. */
  String awaitData() throws IOException {
    return new String(await(DATA).payload, StandardCharsets.US_ASCII);
  }

  /** Reads to the end of the connection, and counts requests. */
  int requestsUntilEnd() throws IOException {
    int requests = 0;
    try {
      while (true) {
        await(HEADERS);
        requests++;
      }
    } catch (EOFException e) {
      return requests;
    }
  }

  void answer(int streamId) throws IOException {
    write(HEADERS, END_STREAM_AND_HEADERS, streamId, STATUS_200);
  }

  void reset(int streamId, int code) throws IOException {
    write(RST_STREAM, 0, streamId, ByteBuffer.allocate(4).putInt(code).array());
  }

  void goAway(int lastStreamId) throws IOException {
    write(GOAWAY, 0, 0, ByteBuffer.allocate(8).putInt(lastStreamId).putInt(0).array());
  }

  private void write(int type, int flags, int streamId, byte[] payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
    frame.putShort((short) (payload.length >> 8)).put((byte) payload.length);
    frame.put((byte) type).put((byte) flags).putInt(streamId).put(payload);
    out.write(frame.array());
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
