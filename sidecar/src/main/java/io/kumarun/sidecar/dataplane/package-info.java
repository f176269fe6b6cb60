/** Which Dataplane this sidecar is, and what its resource says. */
@NullMarked
package io.kumarun.sidecar.dataplane;

import org.jspecify.annotations.NullMarked;
