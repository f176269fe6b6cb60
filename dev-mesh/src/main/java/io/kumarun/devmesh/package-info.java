/**
 * A whole mesh in one process: control plane, certificates and scenarios, for the first run and for
 * tests.
 */
@NullMarked
package io.kumarun.devmesh;

import org.jspecify.annotations.NullMarked;
