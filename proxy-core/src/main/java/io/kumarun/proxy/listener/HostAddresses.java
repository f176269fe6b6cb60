package io.kumarun.proxy.listener;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Which addresses belong to this host. The kernel is asked, and not the list of interfaces: the
 * list has neither all of 127.0.0.0/8 nor what routes make local.
 */
final class HostAddresses {
  private HostAddresses() {}

  /**
   * Whether a socket could be bound to the address, on some port. True as well where that cannot be
   * found out: binding then says why. Not on an event loop.
   *
   * @param host an IP address literal
   */
  static boolean has(String host) {
    InetAddress address;
    try {
      address = InetAddress.ofLiteral(host);
    } catch (IllegalArgumentException e) {
      return true;
    }
    if (address.isAnyLocalAddress()) {
      return true;
    }
    // UDP, for nobody can connect to it meanwhile. Port 0, so that a port in use does not matter.
    try (DatagramSocket probe = new DatagramSocket(new InetSocketAddress(address, 0))) {
      return probe.isBound();
    } catch (BindException e) {
      return false;
    } catch (IOException | UnsupportedOperationException e) {
      return true;
    }
  }
}
