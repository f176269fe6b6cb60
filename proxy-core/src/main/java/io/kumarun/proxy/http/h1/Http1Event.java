package io.kumarun.proxy.http.h1;

/** What one step of a parser found. */
enum Http1Event {
  /** Nothing until more bytes come, or until the next message is asked for. */
  NEED_MORE,
  /** A head is complete. */
  HEAD,
  /** Body bytes, or the bare end of a body. */
  DATA,
  /** Trailers: the message has ended. */
  TRAILERS,
  /** The bytes are no message; the parser takes no more. */
  VIOLATION
}
