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
 * One try of a request at one endpoint: waits for a stream, holds what of the request came
 * meanwhile, and keeps the cluster's counts right. Event loop only.
 */
final class UpstreamRequest implements PoolListener, HttpStreamHandler {
  private final HttpExchange exchange;
  private final Cluster cluster;
  private final Host host;
  private final HeaderMap head;
  private @Nullable ArrayDeque<ByteBuf> held;
  private boolean heldEnd;
  private @Nullable HeaderMap heldTrailers;
  private LoopClusters.@Nullable StreamWait wait;
  private @Nullable HttpStream stream;
  private boolean requestSent;
  private long requestSentNanos;
  private boolean over;

  UpstreamRequest(HttpExchange exchange, Cluster cluster, Host host, HeaderMap head) {
    this.exchange = exchange;
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
  void start(LoopClusters upstreams, boolean endStream) {
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

  /** Milliseconds from the end of the request to now, or 0 while it is not all sent. */
  long millisSinceRequest() {
    return requestSent ? TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - requestSentNanos) : 0;
  }

  private void requestSent() {
    requestSent = true;
    requestSentNanos = System.nanoTime();
  }

  // --- PoolListener

  @Override
  public HttpStreamHandler responseHandler() {
    return this;
  }

  @Override
  public void onStream(HttpStream newStream) {
    wait = null;
    stream = newStream;
    cluster.metrics().requestStarted();
    ArrayDeque<ByteBuf> body = held;
    boolean headOnly = body == null && heldTrailers == null;
    if (headOnly && heldEnd) {
      requestSent();
    }
    newStream.writeHeaders(head, headOnly && heldEnd);
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
    end();
    exchange.onUpstreamFailed(error, detail);
  }

  // --- HttpStreamHandler

  @Override
  public void onHeaders(HeaderMap headers, boolean endStream) {
    if (over) {
      return;
    }
    cluster.metrics().response(headers.status());
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
    end();
    exchange.onUpstreamReset(error);
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
    if (stream != null) {
      cluster.budget().releaseRequest();
      cluster.metrics().requestEnded();
      stream = null;
    }
    while (held != null && !held.isEmpty()) {
      held.poll().release();
    }
  }
}
