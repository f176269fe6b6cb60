package io.kumarun.tls;

import io.kumarun.tls.PeerRejectedException.Reason;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.internal.tcnative.SSL;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Stands behind the {@link SslHandler} and lets nothing pass before the peer of this connection is
 * verified. A resumed session never reaches the trust manager, so the certificates that the session
 * remembers are judged here, by today's clock, for every connection.
 *
 * <p>States: awaiting the handshake, then verified, then perhaps rejected; or awaiting, then
 * rejected. Fires {@link PeerVerified} or {@link TlsRejected} in place of Netty's handshake event.
 * Writes before {@link PeerVerified} fail; reads after a rejection are released. Event loop only.
 */
final class PeerIdentityHandler extends ChannelDuplexHandler {
  private enum State {
    AWAITING,
    VERIFIED,
    REJECTED
  }

  private final SslHandler tls;
  private final @Nullable VerifiedPeers peers;
  private final PeerRole peer;
  private final boolean certificateRequired;
  private final InstantSource clock;
  private State state = State.AWAITING;
  private @Nullable PeerIdentity identity;

  /**
   * @param peers null: nothing is asked of the peer
   */
  PeerIdentityHandler(
      SslHandler tls,
      @Nullable VerifiedPeers peers,
      PeerRole peer,
      boolean certificateRequired,
      InstantSource clock) {
    this.tls = tls;
    this.peers = peers;
    this.peer = peer;
    this.certificateRequired = certificateRequired;
    this.clock = clock;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
      ctx.fireUserEventTriggered(event);
    } else if (handshake.isSuccess()) {
      onHandshake(ctx);
    } else {
      reject(ctx, handshake.cause());
    }
  }

  private void onHandshake(ChannelHandlerContext ctx) {
    if (state == State.REJECTED) {
      return;
    }
    PeerIdentity seen;
    try {
      seen = verify();
      if (state == State.VERIFIED && !Objects.equals(seen, identity)) {
        throw new PeerRejectedException(
            Reason.NAME, "the peer changed its certificate on a running connection");
      }
    } catch (PeerRejectedException e) {
      // Without this the session would be offered, and refused here, again and again.
      tls.engine().getSession().invalidate();
      reject(ctx, e.sentence(), e.reason());
      return;
    }
    if (state == State.AWAITING) {
      state = State.VERIFIED;
      identity = seen;
      ctx.fireUserEventTriggered(verified(seen));
    }
  }

  private @Nullable PeerIdentity verify() throws PeerRejectedException {
    List<X509Certificate> chain = presentedChain();
    if (chain.isEmpty()) {
      if (certificateRequired) {
        throw new PeerRejectedException(
            Reason.NO_CERTIFICATE, "peer did not present a certificate");
      }
      return null;
    }
    return peers == null ? null : peers.verify(chain, clock.instant());
  }

  private List<X509Certificate> presentedChain() {
    List<X509Certificate> chain = new ArrayList<>(2);
    try {
      for (Certificate certificate : tls.engine().getSession().getPeerCertificates()) {
        chain.add((X509Certificate) certificate);
      }
    } catch (SSLPeerUnverifiedException e) {
      // This is how the platform says that there is none.
    }
    return chain;
  }

  private PeerVerified verified(@Nullable PeerIdentity seen) {
    String alpn = tls.applicationProtocol();
    var engine = (ReferenceCountedOpenSslEngine) tls.engine();
    // Not from the session: it holds host names only, and prints ciphers with their Java names.
    long pointer = engine.sslPointer();
    return new PeerVerified(
        seen,
        pointer == 0 ? null : SSL.getSniHostname(pointer),
        alpn == null || alpn.isEmpty() ? null : alpn,
        engine.getSession().getProtocol(),
        pointer == 0 ? "" : SSL.getCipherForSSL(pointer));
  }

  private void reject(ChannelHandlerContext ctx, Throwable failure) {
    reject(ctx, HandshakeFailures.sentence(failure, peer), HandshakeFailures.reason(failure));
  }

  private void reject(ChannelHandlerContext ctx, String sentence, @Nullable Reason reason) {
    if (state != State.REJECTED) {
      state = State.REJECTED;
      ctx.fireUserEventTriggered(new TlsRejected(sentence, reason));
      ctx.close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (state == State.VERIFIED) {
      ctx.fireChannelRead(message);
      return;
    }
    ReferenceCountUtil.release(message);
    // Cannot happen with an SslHandler in front; if it does, nothing may pass.
    reject(ctx, "bytes arrived before the TLS handshake was finished", null);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (state == State.VERIFIED) {
      ctx.write(message, promise);
      return;
    }
    ReferenceCountUtil.release(message);
    promise.tryFailure(
        state == State.REJECTED
            ? new ClosedChannelException()
            : new IllegalStateException("written before the TLS peer was verified"));
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (state == State.AWAITING) {
      reject(ctx, "connection was closed during the TLS handshake", null);
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    boolean ours = HandshakeFailures.isTls(cause);
    if (state == State.AWAITING || (state == State.VERIFIED && ours)) {
      reject(ctx, cause);
    } else if (!ours) {
      ctx.fireExceptionCaught(cause);
    }
  }
}
