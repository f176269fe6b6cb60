package io.kumarun.proxy.permission;

import java.util.List;

/**
 * What permissions are decided on: who the peer of a connection proved to be. Fixed for the life of
 * a connection, and so is every decision on it.
 *
 * @param authenticated whether the peer presented a certificate that was verified
 * @param uriSans of the peer's certificate; empty without one
 * @param dnsSans of the peer's certificate; empty without one
 * @param serverName the SNI the peer asked for; empty without one
 */
public record ConnectionFacts(
    boolean authenticated, List<String> uriSans, List<String> dnsSans, String serverName) {
  public static final ConnectionFacts CLEARTEXT =
      new ConnectionFacts(false, List.of(), List.of(), "");

  public ConnectionFacts {
    uriSans = List.copyOf(uriSans);
    dnsSans = List.copyOf(dnsSans);
  }

  /** The peer for a person: its SPIFFE ID. */
  public String shownName() {
    if (!authenticated) {
      return "a peer without a certificate";
    }
    for (String name : uriSans) {
      if (name.startsWith("spiffe:")) {
        return name;
      }
    }
    return uriSans.isEmpty() ? "a peer without a URI name" : uriSans.getFirst();
  }
}
