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
  @Nullable String protocol();

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
  @Nullable CharSequence requestHeader(String name);

  /** A response header by its lower-case name, or null. */
  @Nullable CharSequence responseHeader(String name);

  /** {@code host:port} of the endpoint that was tried last; null if none was. */
  @Nullable String upstreamHost();

  @Nullable String upstreamCluster();

  /** The first URI SAN of the downstream peer, or null. */
  @Nullable String downstreamPeerUriSan();
}
