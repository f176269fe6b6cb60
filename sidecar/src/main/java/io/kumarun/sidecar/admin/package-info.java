/** The pages of a sidecar: for the control plane in Envoy's formats, and for people on loopback. */
@NullMarked
package io.kumarun.sidecar.admin;

import org.jspecify.annotations.NullMarked;
