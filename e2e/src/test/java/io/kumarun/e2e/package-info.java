/** Whole-program tests: what a user sees of a sidecar in a mesh. */
@NullMarked
package io.kumarun.e2e;

import org.jspecify.annotations.NullMarked;
