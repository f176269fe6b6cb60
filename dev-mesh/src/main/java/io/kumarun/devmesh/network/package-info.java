/** The network between a data plane and what it talks to, with what can go wrong in it. */
@NullMarked
package io.kumarun.devmesh.network;

import org.jspecify.annotations.NullMarked;
