package io.kumarun.proxy.http.h1;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

/** Status lines with their line end, encoded once, with the reason phrases that Envoy writes. */
final class StatusLines {
  private static final byte[][] HTTP_1_1 = new byte[1000][];
  private static final byte[][] HTTP_1_0 = new byte[1000][];

  static {
    for (int status = 100; status < 1000; status++) {
      String reason = reason(status);
      if (reason != null) {
        HTTP_1_1[status] = line("HTTP/1.1 ", status, reason);
        HTTP_1_0[status] = line("HTTP/1.0 ", status, reason);
      }
    }
  }

  private StatusLines() {}

  /** The line for a status of three digits; the caller does not change it. */
  static byte[] of(int status, boolean http11) {
    byte[] line = (http11 ? HTTP_1_1 : HTTP_1_0)[status];
    return line != null ? line : line(http11 ? "HTTP/1.1 " : "HTTP/1.0 ", status, "Unknown");
  }

  /** The reason phrase of a status that a violation has. */
  static byte[] reasonOf(int status) {
    String reason = reason(status);
    return (reason == null ? "Unknown" : reason).getBytes(US_ASCII);
  }

  private static byte[] line(String version, int status, String reason) {
    return (version + status + " " + reason + "\r\n").getBytes(US_ASCII);
  }

  private static @Nullable String reason(int status) {
    return switch (status) {
      case 100 -> "Continue";
      case 101 -> "Switching Protocols";
      case 102 -> "Processing";
      case 103 -> "Early Hints";
      case 200 -> "OK";
      case 201 -> "Created";
      case 202 -> "Accepted";
      case 203 -> "Non-Authoritative Information";
      case 204 -> "No Content";
      case 205 -> "Reset Content";
      case 206 -> "Partial Content";
      case 207 -> "Multi-Status";
      case 208 -> "Already Reported";
      case 226 -> "IM Used";
      case 300 -> "Multiple Choices";
      case 301 -> "Moved Permanently";
      case 302 -> "Found";
      case 303 -> "See Other";
      case 304 -> "Not Modified";
      case 305 -> "Use Proxy";
      case 307 -> "Temporary Redirect";
      case 308 -> "Permanent Redirect";
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 402 -> "Payment Required";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 406 -> "Not Acceptable";
      case 407 -> "Proxy Authentication Required";
      case 408 -> "Request Timeout";
      case 409 -> "Conflict";
      case 410 -> "Gone";
      case 411 -> "Length Required";
      case 412 -> "Precondition Failed";
      case 413 -> "Payload Too Large";
      case 414 -> "URI Too Long";
      case 415 -> "Unsupported Media Type";
      case 416 -> "Range Not Satisfiable";
      case 417 -> "Expectation Failed";
      case 421 -> "Misdirected Request";
      case 422 -> "Unprocessable Entity";
      case 423 -> "Locked";
      case 424 -> "Failed Dependency";
      case 425 -> "Too Early";
      case 426 -> "Upgrade Required";
      case 428 -> "Precondition Required";
      case 429 -> "Too Many Requests";
      case 431 -> "Request Header Fields Too Large";
      case 451 -> "Unavailable For Legal Reasons";
      case 500 -> "Internal Server Error";
      case 501 -> "Not Implemented";
      case 502 -> "Bad Gateway";
      case 503 -> "Service Unavailable";
      case 504 -> "Gateway Timeout";
      case 505 -> "HTTP Version Not Supported";
      case 506 -> "Variant Also Negotiates";
      case 507 -> "Insufficient Storage";
      case 508 -> "Loop Detected";
      case 510 -> "Not Extended";
      case 511 -> "Network Authentication Required";
      default -> null;
    };
  }
}
