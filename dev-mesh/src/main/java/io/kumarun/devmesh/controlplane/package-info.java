/**
 * A control plane as a data plane sees it: bootstrap over HTTPS and xDS over gRPC, with the answers
 * of kuma-cp 2.14.
 */
@NullMarked
package io.kumarun.devmesh.controlplane;

import org.jspecify.annotations.NullMarked;
