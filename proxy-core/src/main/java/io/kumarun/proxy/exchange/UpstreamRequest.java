package io.kumarun.proxy.exchange;

import io.kumarun.proxy.cluster.Cluster;
import io.kumarun.proxy.cluster.Host;
import io.kumarun.proxy.cluster.LoopClusters;
import io.kumarun.proxy.cluster.PoolListener;
import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HttpStream;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.kumarun.proxy.http.StreamError;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A request at one endpoint: waits for a stream, holds what of the request came meanwhile, and
 * keeps the cluster's counts right. Event loop only.
 *
 * <p>An endpoint may close a connection of the pool at the moment a request goes out on it. What
 * {@link ResendRule} permits is then sent again, once, on a connection that is made for it; it
 * counts as a retry, against the cluster's limit of retries, too. The time-outs of the exchange
 * know nothing of that and run on.
 *
 * <p>The head needs no copy for it: the exchange keeps its list for the access log anyway, and both
 * codecs encode a head within {@code writeHeaders} and leave in the list all that a second encoding
 * needs (what they remove belongs to one hop, and would be removed again).
 */
final class UpstreamRequest implements PoolListener, HttpStreamHandler {
  private final HttpExchange exchange;
  private final LoopClusters upstreams;
  private final Cluster cluster;
  private final Host host;
  private final HeaderMap head;
  private @Nullable ArrayDeque<ByteBuf> held;
  private boolean heldEnd;
  private @Nullable HeaderMap heldTrailers;
  private LoopClusters.@Nullable StreamWait wait;
  private @Nullable HttpStream stream;
  private boolean reused;
  private boolean bodySent;
  private boolean holdsRetry;

  /** Why the first stream ended, once the request is sent again. */
  private @Nullable StreamError resentAfter;

  private boolean requestSent;
  private long requestSentNanos;
  private boolean over;

  UpstreamRequest(
      HttpExchange exchange, LoopClusters upstreams, Cluster cluster, Host host, HeaderMap head) {
    this.exchange = exchange;
    this.upstreams = upstreams;
    this.cluster = cluster;
    this.host = host;
    this.head = head;
  }

  Cluster cluster() {
    return cluster;
  }

  Host host() {
    return host;
  }

  /**
   * Asks for a stream.
   *
   * @param endStream the request has no body
   */
  void start(boolean endStream) {
    heldEnd |= endStream;
    wait = upstreams.newStream(cluster, host, this);
  }

  /** Whether the request has to wait for a stream. */
  boolean isWaiting() {
    return stream == null && !over;
  }

  /** Whether more of the request may come. */
  boolean isWritable() {
    HttpStream current = stream;
    return current != null && current.isWritable();
  }

  void writeData(ByteBuf data, boolean endStream) {
    HttpStream current = stream;
    if (over) {
      data.release();
    } else if (current == null) {
      if (held == null) {
        held = new ArrayDeque<>(4);
      }
      held.add(data);
      heldEnd |= endStream;
    } else {
      bodySent = true;
      if (endStream) {
        requestSent();
      }
      current.writeData(data, endStream);
    }
  }

  void writeTrailers(HeaderMap trailers) {
    HttpStream current = stream;
    if (over) {
      return;
    }
    if (current == null) {
      heldTrailers = trailers;
    } else {
      bodySent = true;
      requestSent();
      current.writeTrailers(trailers);
    }
  }

  void pauseReading() {
    if (stream != null) {
      stream.pauseReading();
    }
  }

  void resumeReading() {
    if (stream != null) {
      stream.resumeReading();
    }
  }

  /** Gives up: the exchange is over, whatever the upstream still does. */
  void cancel() {
    if (over) {
      return;
    }
    if (wait != null) {
      wait.cancel();
      cluster.metrics().requestCancelled();
    }
    HttpStream current = stream;
    end();
    if (current != null) {
      cluster.metrics().resetSent();
      current.reset(StreamError.LOCAL_RESET);
    }
  }

  /** Milliseconds from the end of the request, sent first, to now; 0 while it is not all sent. */
  long millisSinceRequest() {
    return requestSent ? TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - requestSentNanos) : 0;
  }

  private void requestSent() {
    if (!requestSent) {
      requestSent = true;
      requestSentNanos = System.nanoTime();
    }
  }

  // --- PoolListener

  @Override
  public HttpStreamHandler responseHandler() {
    return this;
  }

  @Override
  public void onStream(HttpStream newStream, boolean onReused) {
    wait = null;
    stream = newStream;
    reused = onReused;
    cluster.metrics().requestStarted();
    ArrayDeque<ByteBuf> body = held;
    boolean headOnly = body == null && heldTrailers == null;
    if (headOnly && heldEnd) {
      requestSent();
    }
    newStream.writeHeaders(head, headOnly && heldEnd);
    bodySent = !headOnly;
    while (body != null && !body.isEmpty() && !over) {
      ByteBuf data = body.poll();
      boolean last = body.isEmpty() && heldEnd && heldTrailers == null;
      if (last) {
        requestSent();
      }
      newStream.writeData(data, last);
    }
    HeaderMap trailers = heldTrailers;
    if (trailers != null && !over) {
      heldTrailers = null;
      requestSent();
      newStream.writeTrailers(trailers);
    }
    if (!over) {
      exchange.onUpstreamReady();
    }
  }

  @Override
  public void onPoolFailure(StreamError error, String detail) {
    wait = null;
    if (over) {
      return;
    }
    StreamError first = resentAfter;
    end();
    if (first != null && error == StreamError.OVERFLOW) {
      // A limit forbids what nobody asked for: the first outcome stands.
      exchange.onUpstreamReset(first);
    } else {
      exchange.onUpstreamFailed(error, detail);
    }
  }

  // --- HttpStreamHandler

  @Override
  public void onHeaders(HeaderMap headers, boolean endStream) {
    if (over) {
      return;
    }
    cluster.metrics().response(headers.status());
    if (holdsRetry) {
      retryAnswered(headers.status());
    }
    long serviceMillis = millisSinceRequest();
    if (endStream) {
      complete();
    }
    exchange.onUpstreamHeaders(headers, endStream, serviceMillis);
  }

  @Override
  public void onData(ByteBuf data, boolean endStream) {
    if (over) {
      data.release();
      return;
    }
    if (endStream) {
      complete();
    }
    exchange.onUpstreamData(data, endStream);
  }

  @Override
  public void onTrailers(HeaderMap trailers) {
    if (over) {
      return;
    }
    complete();
    exchange.onUpstreamTrailers(trailers);
  }

  @Override
  public void onReset(StreamError error) {
    if (over) {
      return;
    }
    cluster.metrics().resetReceived();
    if (mayResend(error)) {
      prepareResend(error);
      return;
    }
    end();
    exchange.onUpstreamReset(error);
  }

  private boolean mayResend(StreamError error) {
    HttpStream current = stream;
    if (!reused || resentAfter != null || current == null || current.hasReceived()) {
      return false;
    }
    boolean headOnly = requestSent && !bodySent;
    if (!ResendRule.permits(error, head.method(), headOnly, bodySent)) {
      return false;
    }
    if (!cluster.budget().tryAcquireRetry()) {
      cluster.metrics().retryOverflow();
      return false;
    }
    holdsRetry = true;
    return true;
  }

  private void prepareResend(StreamError error) {
    resentAfter = error;
    cluster.metrics().retried();
    cluster.metrics().resent();
    endStream();
    exchange.onUpstreamWaiting();
    // Not within the codec's call: the pool is to see first that the connection is gone.
    upstreams.loop().execute(this::resend);
  }

  private void resend() {
    if (!over) {
      wait = upstreams.newStreamOnFreshConnection(cluster, host, this);
    }
  }

  private void retryAnswered(int status) {
    releaseRetry();
    if (status < 500) {
      cluster.metrics().retrySucceeded();
    }
  }

  private void releaseRetry() {
    if (holdsRetry) {
      holdsRetry = false;
      cluster.budget().releaseRetry();
    }
  }

  @Override
  public void onWritabilityChanged() {
    if (!over) {
      exchange.onUpstreamReady();
    }
  }

  /** The response is complete; a request that is not is of no use to the upstream any more. */
  private void complete() {
    cluster.metrics().responseTime(millisSinceRequest());
    HttpStream current = stream;
    boolean unfinished = !requestSent;
    end();
    if (unfinished && current != null) {
      current.reset(StreamError.LOCAL_RESET);
    }
  }

  private void end() {
    if (over) {
      return;
    }
    over = true;
    endStream();
    releaseRetry();
    while (held != null && !held.isEmpty()) {
      held.poll().release();
    }
  }

  private void endStream() {
    if (stream != null) {
      cluster.budget().releaseRequest();
      cluster.metrics().requestEnded();
      stream = null;
    }
  }
}
