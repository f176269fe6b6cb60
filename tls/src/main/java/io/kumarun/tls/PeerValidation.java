package io.kumarun.tls;

import java.util.List;

/**
 * What a peer must prove: a chain to the bundle, and one of the names.
 *
 * @param accepted alternatives; empty means any name
 */
public record PeerValidation(TrustBundle trust, List<SanMatcher> accepted) {
  public PeerValidation {
    accepted = List.copyOf(accepted);
  }
}
