package io.kumarun.e2e;

import java.util.List;
import java.util.Set;

/**
 * What a peer sends to a sidecar, byte by byte, and how the application behind behaves.
 *
 * @param segments what the peer sends; before each further one it waits for an answer to the last
 * @param reply what the application answers to each request
 * @param responses how many final responses the peer waits for
 */
record WireCase(String name, Set<Flag> flags, List<byte[]> segments, byte[] reply, int responses) {

  /** How a case departs from the usual one. */
  enum Flag {
    /** The request goes to the outbound listener of a caller, not to the inbound of a server. */
    OUTBOUND,
    /** Nothing listens where the application should be. */
    REFUSED,
    /** The peer is expected to hear nothing, and does not wait for long. */
    SILENT,
    /** The application answers as soon as it has the head of the request. */
    EARLY,
    /** The application leaves its connection open after the answer. */
    KEEP,
    /** The application resets its connection after the answer. */
    RESET
  }

  boolean is(Flag flag) {
    return flags.contains(flag);
  }

  /** Whether the first response has no body whatever its head says. */
  boolean toHead() {
    byte[] first = segments.getFirst();
    return first.length > 5 && new String(first, 0, 5, WireMessage.OCTETS).equals("HEAD ");
  }
}
