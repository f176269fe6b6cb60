package io.kumarun.proxy.exchange;

import io.netty.util.AsciiString;

/** gRPC's view of an HTTP status (Envoy's Grpc::Utility::httpToGrpcStatus). */
final class GrpcStatus {
  private static final AsciiString INTERNAL = AsciiString.cached("13");
  private static final AsciiString UNAUTHENTICATED = AsciiString.cached("16");
  private static final AsciiString PERMISSION_DENIED = AsciiString.cached("7");
  private static final AsciiString UNIMPLEMENTED = AsciiString.cached("12");
  private static final AsciiString UNAVAILABLE = AsciiString.cached("14");
  private static final AsciiString UNKNOWN = AsciiString.cached("2");

  private GrpcStatus() {}

  static AsciiString ofHttp(int status) {
    return switch (status) {
      case 400 -> INTERNAL;
      case 401 -> UNAUTHENTICATED;
      case 403 -> PERMISSION_DENIED;
      case 404 -> UNIMPLEMENTED;
      case 429, 502, 503, 504 -> UNAVAILABLE;
      default -> UNKNOWN;
    };
  }
}
