/**
 * The client of a Kuma control plane: bootstrap, delta ADS, and the configuration joined from it.
 */
@NullMarked
package io.kumarun.kuma;

import org.jspecify.annotations.NullMarked;
