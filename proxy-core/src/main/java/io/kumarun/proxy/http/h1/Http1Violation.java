package io.kumarun.proxy.http.h1;

/** What a peer did that makes its bytes no HTTP/1.1 message, and what a server answers. */
enum Http1Violation {
  /** RFC 9112 §2.2: a line ends with CRLF; other readers disagree about a lone LF. */
  BARE_LF,
  INVALID_REQUEST_LINE,
  /** None of the methods that Envoy knows. */
  UNKNOWN_METHOD,
  INVALID_TARGET,
  /** A target with a fragment, which stays with the user agent. */
  FRAGMENT,
  UNSUPPORTED_VERSION(426, "low_version"),
  INVALID_STATUS_LINE,
  /** RFC 9112 §5.2: obs-fold, or white space before the first field. */
  LEADING_WHITESPACE,
  INVALID_FIELD_NAME,
  INVALID_FIELD_VALUE,
  HEAD_TOO_LARGE(431, "http1.headers_too_large"),
  TOO_MANY_HEADERS(431, "http1.too_many_headers"),
  /** RFC 9112 §3.2. */
  MISSING_HOST,
  DUPLICATE_HOST,
  INVALID_HOST,
  INVALID_CONTENT_LENGTH,
  DUPLICATE_CONTENT_LENGTH,
  /** RFC 9112 §6.1: both a length and a coding is how requests are smuggled. */
  LENGTH_AND_CODING,
  /** RFC 9112 §6.1: HTTP/1.0 has no transfer codings. */
  CODING_IN_HTTP_1_0,
  /** Anything but exactly {@code chunked}, as Envoy. */
  UNKNOWN_CODING(501, "http1.invalid_transfer_encoding"),
  INVALID_CONNECTION_OPTION,
  /** A body where the message can have none: CONNECT, 1xx, 204. */
  BODY_NOT_ALLOWED,
  INVALID_CHUNK_SIZE,
  INVALID_CHUNK_EXTENSION,
  /** Far more framing than data: a peer that makes the reader work for nothing. */
  CHUNK_OVERHEAD,
  INVALID_CHUNK_END,
  /** A 101 that nobody asked for. */
  UNEXPECTED_SWITCH;

  private final int status;
  private final String details;

  Http1Violation() {
    this(400, "http1.codec_error");
  }

  Http1Violation(int status, String details) {
    this.status = status;
    this.details = details;
  }

  /** Whether the answer says the reason in its body: Envoy's codec does, what is behind it not. */
  boolean isExplained() {
    return this != MISSING_HOST && this != FRAGMENT;
  }

  /** The status a server answers. */
  int status() {
    return status;
  }

  /** Envoy's response code details. */
  String details() {
    return details;
  }
}
