package io.kumarun.proxy.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** A peer that writes frames byte by byte, and lists what it gets. */
final class RawPeer implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  /** Frames received, such as {@code RST_STREAM 1 PROTOCOL_ERROR}. */
  final List<String> received = new ArrayList<>();

  private final EmbeddedChannel channel;
  private final DefaultHttp2HeadersEncoder hpack = new DefaultHttp2HeadersEncoder();
  private final DefaultHttp2FrameReader reader =
      new DefaultHttp2FrameReader(new DefaultHttp2HeadersDecoder(false));
  private final EmbeddedChannel readerChannel;
  private final ByteBuf unread = Unpooled.buffer();

  RawPeer(EmbeddedChannel channel, boolean client) {
    this.channel = channel;
    readerChannel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    if (client) {
      send(Http2CodecUtil.connectionPrefaceBuf());
    } else {
      channel.runPendingTasks();
      ByteBuf preface = channel.readOutbound();
      preface.skipBytes(Http2CodecUtil.connectionPrefaceBuf().readableBytes());
      unread.writeBytes(preface);
      preface.release();
    }
    frame(SETTINGS, 0, 0, Unpooled.EMPTY_BUFFER);
  }

  void send(ByteBuf bytes) {
    if (channel.isActive()) {
      channel.writeInbound(bytes);
    } else {
      bytes.release();
    }
    read();
  }

  void frame(int type, int flags, int streamId, ByteBuf payload) {
    ByteBuf frame = Unpooled.buffer();
    frame.writeMedium(payload.readableBytes()).writeByte(type).writeByte(flags).writeInt(streamId);
    send(frame.writeBytes(payload));
    payload.release();
  }

  /** Sends a header block as it is given: names and values in turn. */
  void headers(int streamId, boolean endStream, String... fields) {
    frame(HEADERS, END_HEADERS | (endStream ? END_STREAM : 0), streamId, block(fields));
  }

  ByteBuf block(String... fields) {
    DefaultHttp2Headers headers = new FieldList(fields);
    ByteBuf block = Unpooled.buffer();
    try {
      hpack.encodeHeaders(1, headers, block);
    } catch (Http2Exception e) {
      throw new AssertionError(e);
    }
    return block;
  }

  void data(int streamId, boolean endStream, int length) {
    frame(DATA, endStream ? END_STREAM : 0, streamId, CodecPair.bytes(length));
  }

  /** Takes what the codec wrote. */
  void read() {
    channel.runPendingTasks();
    ByteBuf bytes;
    while ((bytes = channel.readOutbound()) != null) {
      unread.writeBytes(bytes);
      bytes.release();
    }
    ChannelHandlerContext ctx = readerChannel.pipeline().firstContext();
    try {
      reader.readFrame(ctx, unread, new Log());
    } catch (Http2Exception e) {
      throw new AssertionError(e);
    }
  }

  boolean isClosed() {
    read();
    return !channel.isActive();
  }

  @Override
  public void close() {
    channel.close();
    read();
    reader.close();
    channel.finishAndReleaseAll();
    readerChannel.finishAndReleaseAll();
  }

  /** Headers in the order given, whatever their names. */
  private static final class FieldList extends DefaultHttp2Headers {
    private final List<Map.Entry<CharSequence, CharSequence>> fields = new ArrayList<>();

    FieldList(String... fields) {
      super(false);
      for (int i = 0; i < fields.length; i += 2) {
        this.fields.add(Map.entry(new AsciiString(fields[i]), new AsciiString(fields[i + 1])));
      }
    }

    @Override
    public Iterator<Map.Entry<CharSequence, CharSequence>> iterator() {
      return fields.iterator();
    }
  }

  private final class Log extends Http2EventAdapter {
    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx,
        int streamId,
        Http2Headers headers,
        int padding,
        boolean endStream) {
      received.add("HEADERS " + streamId + " " + headers.status());
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream) {
      received.add("DATA " + streamId + " " + data.readableBytes());
      return data.readableBytes() + padding;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode) {
      received.add("RST_STREAM " + streamId + " " + Http2Error.valueOf(errorCode));
    }

    @Override
    public void onGoAwayRead(
        ChannelHandlerContext ctx, int lastStreamId, long errorCode, ByteBuf debugData) {
      received.add("GOAWAY " + Http2Error.valueOf(errorCode));
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext ctx, long data) {
      received.add("PING ACK");
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) {
      received.add("SETTINGS " + settings.maxConcurrentStreams());
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext ctx, int streamId, int increment) {
      received.add("WINDOW_UPDATE " + streamId + " " + increment);
    }
  }
}
