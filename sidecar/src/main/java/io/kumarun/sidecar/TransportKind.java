package io.kumarun.sidecar;

/** How sockets are watched. */
enum TransportKind {
  /** The best that works on this machine. */
  AUTO,
  EPOLL,
  NIO
}
