package io.kumarun.proxy.http.h2;

import io.kumarun.proxy.http.HeaderMap;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2PromisedRequestVerifier;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;

/**
 * Assembles Netty's parts of the codec. Netty's builder wraps the decoder with the guards against
 * floods of resets and of empty frames, which are not to be had otherwise; its guards of the
 * encoder apply to no codec with parts of one's own, so {@link FloodGuard} stands in for them.
 */
final class CodecBuilder<T extends StreamCodec>
    extends AbstractHttp2ConnectionHandlerBuilder<T, CodecBuilder<T>> {
  private static final int HPACK_TABLE_SIZE_HINT = 64;
  private static final int HUFFMAN_THRESHOLD = 512;

  /** Makes the handler of the finished parts. */
  interface Factory<T> {
    T create(Parts parts);
  }

  /** What a codec is made of. */
  record Parts(
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings,
      Http2Limits limits) {}

  private final Http2Limits limits;
  private final Factory<T> factory;

  private CodecBuilder(Http2Limits limits, Factory<T> factory) {
    this.limits = limits;
    this.factory = factory;
  }

  static <T extends StreamCodec> T build(boolean server, Http2Limits limits, Factory<T> factory) {
    return new CodecBuilder<>(limits, factory).assemble(server);
  }

  private T assemble(boolean server) {
    Http2Settings settings =
        new Http2Settings()
            .initialWindowSize(limits.initialStreamWindow())
            .maxHeaderListSize(limits.maxHeaderListSize())
            .maxFrameSize(limits.maxFrameSize());
    if (server) {
      settings.maxConcurrentStreams(limits.maxConcurrentStreams());
    } else {
      settings.pushEnabled(false).maxConcurrentStreams(0);
    }
    initialSettings(settings);
    decoderEnforceMaxConsecutiveEmptyDataFrames(limits.maxEmptyDataFrames());
    // a client's peer can reset no more than the client began
    decoderEnforceMaxRstFramesPerWindow(
        server ? limits.maxResetsPerWindow() : 0, limits.resetWindowSeconds());
    gracefulShutdownTimeoutMillis(StreamCodec.CLOSE_TIMEOUT_MILLIS);

    Http2Connection connection = new DefaultHttp2Connection(server, 0);
    // priorities are deprecated (RFC 9113 §5.3), and their tree would be the peer's to grow
    connection
        .remote()
        .flowController(
            new DefaultHttp2RemoteFlowController(
                connection, new UniformStreamByteDistributor(connection)));
    Http2ConnectionEncoder encoder =
        new DefaultHttp2ConnectionEncoder(
            connection,
            // a peer's limit on header lists is advice; it answers 431 itself
            new DefaultHttp2FrameWriter(
                new DefaultHttp2HeadersEncoder(
                    SensitiveFields.INSTANCE, true, HPACK_TABLE_SIZE_HINT, HUFFMAN_THRESHOLD)));
    // heads are checked by HeadRules once the stream exists, so nothing is validated here
    Http2ConnectionDecoder decoder =
        new DefaultHttp2ConnectionDecoder(
            connection,
            encoder,
            new DefaultHttp2FrameReader(
                new HeadDecoder(limits.maxHeaderListSize()), limits.maxSmallContinuations()),
            Http2PromisedRequestVerifier.ALWAYS_VERIFY,
            true,
            true,
            false);
    codec(decoder, encoder);
    return build();
  }

  @Override
  protected T build(
      Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
    return factory.create(new Parts(decoder, encoder, settings, limits));
  }

  /** Decodes header blocks into {@link HeaderMap}s. */
  private static final class HeadDecoder extends DefaultHttp2HeadersDecoder {
    HeadDecoder(long maxHeaderListSize) {
      super(false, maxHeaderListSize);
    }

    @Override
    protected Http2Headers newHeaders() {
      return new HeaderMapHeaders(new HeaderMap(numberOfHeadersGuess() + 4));
    }
  }
}
