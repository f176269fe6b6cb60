/** Bytes between a downstream connection and an endpoint. */
@NullMarked
package io.kumarun.proxy.tcp;

import org.jspecify.annotations.NullMarked;
