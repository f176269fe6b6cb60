package io.kumarun.proxy.config;

/** Where something listens or is reached. */
public sealed interface Address {

  /**
   * @param host an IP address literal, or a name where the cluster's type resolves names
   */
  record Socket(String host, int port) implements Address {
    @Override
    public String toString() {
      return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
  }

  /** A Unix domain socket. */
  record Pipe(String path) implements Address {
    @Override
    public String toString() {
      return path;
    }
  }
}
