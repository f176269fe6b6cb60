/**
 * Certificates, trust bundles, TLS contexts and the identity of a peer. Knows nothing of HTTP or
 * Kuma.
 */
@NullMarked
package io.kumarun.tls;

import org.jspecify.annotations.NullMarked;
