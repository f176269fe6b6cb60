/** A real Envoy as a child process, to compare with and to talk to. */
@NullMarked
package io.kumarun.devmesh.envoy;

import org.jspecify.annotations.NullMarked;
