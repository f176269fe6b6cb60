package io.kumarun.telemetry;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A request with values that a test sets. */
final class LoggedRequestForTest implements LoggedRequest {
  final Map<String, String> requestHeaders = new HashMap<>();
  final Map<String, String> responseHeaders = new HashMap<>();
  final EnumSet<ResponseFlag> flags = EnumSet.noneOf(ResponseFlag.class);
  long startTime;
  @Nullable String protocol = "HTTP/1.1";
  int code = 200;
  @Nullable String upstreamHost;

  @Override
  public long startTimeEpochMillis() {
    return startTime;
  }

  @Override
  public long durationMillis() {
    return 12;
  }

  @Override
  public @Nullable String protocol() {
    return protocol;
  }

  @Override
  public int responseCode() {
    return code;
  }

  @Override
  public Set<ResponseFlag> responseFlags() {
    return flags;
  }

  @Override
  public @Nullable String responseCodeDetails() {
    return "via_upstream";
  }

  @Override
  public long bytesReceived() {
    return 3;
  }

  @Override
  public long bytesSent() {
    return 14;
  }

  @Override
  public @Nullable CharSequence requestHeader(String name) {
    return requestHeaders.get(name);
  }

  @Override
  public @Nullable CharSequence responseHeader(String name) {
    return responseHeaders.get(name);
  }

  @Override
  public @Nullable String upstreamHost() {
    return upstreamHost;
  }

  @Override
  public @Nullable String upstreamCluster() {
    return null;
  }

  @Override
  public @Nullable String downstreamPeerUriSan() {
    return null;
  }
}
