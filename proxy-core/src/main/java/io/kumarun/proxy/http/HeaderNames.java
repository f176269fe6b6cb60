package io.kumarun.proxy.http;

import io.netty.util.AsciiString;

/** Header names the data path uses, lower case, with their hash computed once. */
public final class HeaderNames {
  public static final AsciiString METHOD = AsciiString.cached(":method");
  public static final AsciiString SCHEME = AsciiString.cached(":scheme");
  public static final AsciiString AUTHORITY = AsciiString.cached(":authority");
  public static final AsciiString PATH = AsciiString.cached(":path");
  public static final AsciiString STATUS = AsciiString.cached(":status");

  public static final AsciiString CONNECTION = AsciiString.cached("connection");
  public static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");
  public static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");
  public static final AsciiString DATE = AsciiString.cached("date");
  public static final AsciiString EXPECT = AsciiString.cached("expect");
  public static final AsciiString GRPC_MESSAGE = AsciiString.cached("grpc-message");
  public static final AsciiString GRPC_STATUS = AsciiString.cached("grpc-status");
  public static final AsciiString HOST = AsciiString.cached("host");
  public static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
  public static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");
  public static final AsciiString SERVER = AsciiString.cached("server");
  public static final AsciiString TE = AsciiString.cached("te");
  public static final AsciiString TRAILER = AsciiString.cached("trailer");
  public static final AsciiString TRANSFER_ENCODING = AsciiString.cached("transfer-encoding");
  public static final AsciiString UPGRADE = AsciiString.cached("upgrade");
  public static final AsciiString USER_AGENT = AsciiString.cached("user-agent");
  public static final AsciiString X_ENVOY_EXPECTED_RQ_TIMEOUT_MS =
      AsciiString.cached("x-envoy-expected-rq-timeout-ms");
  public static final AsciiString X_ENVOY_ORIGINAL_PATH =
      AsciiString.cached("x-envoy-original-path");
  public static final AsciiString X_ENVOY_OVERLOADED = AsciiString.cached("x-envoy-overloaded");
  public static final AsciiString X_ENVOY_UPSTREAM_SERVICE_TIME =
      AsciiString.cached("x-envoy-upstream-service-time");
  public static final AsciiString X_FORWARDED_CLIENT_CERT =
      AsciiString.cached("x-forwarded-client-cert");
  public static final AsciiString X_FORWARDED_FOR = AsciiString.cached("x-forwarded-for");
  public static final AsciiString X_FORWARDED_PROTO = AsciiString.cached("x-forwarded-proto");
  public static final AsciiString X_REQUEST_ID = AsciiString.cached("x-request-id");

  private HeaderNames() {}
}
