package io.kumarun.sidecar.settings;

/** How sockets are watched. */
public enum TransportKind {
  /** The best that works on this machine. */
  AUTO,
  EPOLL,
  NIO
}
