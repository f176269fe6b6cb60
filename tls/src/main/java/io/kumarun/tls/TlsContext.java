package io.kumarun.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.IllegalReferenceCountException;
import org.jspecify.annotations.Nullable;

/**
 * One native context and the verdicts that belong to it. The context starts with one reference,
 * which {@link TlsContexts} owns; each connection's engine holds another one until it is destroyed
 * with its handler, so the native memory is freed when both have let go.
 */
final class TlsContext {
  private final ReferenceCountedOpenSslContext context;
  private final @Nullable VerifiedPeers peers;

  TlsContext(ReferenceCountedOpenSslContext context, @Nullable VerifiedPeers peers) {
    this.context = context;
    this.peers = peers;
  }

  @Nullable VerifiedPeers peers() {
    return peers;
  }

  /**
   * @param endpoint under which a client keeps the peer's sessions; null keeps none
   * @return null if the context was let go meanwhile
   */
  @Nullable SslHandler newHandler(ByteBufAllocator allocator, @Nullable String endpoint) {
    try {
      context.retain();
    } catch (IllegalReferenceCountException e) {
      return null;
    }
    try {
      return endpoint == null
          ? context.newHandler(allocator)
          : context.newHandler(allocator, endpoint, 1);
    } finally {
      context.release();
    }
  }

  /** Gives up the owner's reference. */
  void release() {
    context.release();
  }

  int references() {
    return context.refCnt();
  }
}
