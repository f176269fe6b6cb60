package io.kumarun.telemetry;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A finished request (or TCP connection) as the access log sees it. Read once, on the event loop,
 * when it ends.
 */
public interface LoggedRequest {

  long startTimeEpochMillis();

  long durationMillis();

  /** {@code HTTP/1.1}, {@code HTTP/2}; null for TCP. */
  default @Nullable String protocol() {
    return null;
  }

  /** 0 if no response began. */
  int responseCode();

  Set<ResponseFlag> responseFlags();

  /** Envoy's response code details: a short reason in snake case; null if unknown. */
  @Nullable String responseCodeDetails();

  /** Body bytes from the downstream peer. */
  long bytesReceived();

  /** Body bytes to the downstream peer. */
  long bytesSent();

  /** A request header (or pseudo-header) by its lower-case name, or null. */
  default @Nullable CharSequence requestHeader(String name) {
    return null;
  }

  /** A response header by its lower-case name, or null. */
  default @Nullable CharSequence responseHeader(String name) {
    return null;
  }

  /** {@code host:port} of the endpoint that was tried last; null if none was. */
  default @Nullable String upstreamHost() {
    return null;
  }

  default @Nullable String upstreamCluster() {
    return null;
  }

  /** The first URI SAN of the downstream peer, or null. */
  default @Nullable String downstreamPeerUriSan() {
    return null;
  }
}
