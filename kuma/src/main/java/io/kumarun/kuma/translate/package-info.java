/** Envoy's protobuf in, immutable runtime configuration out. Nothing here keeps state. */
@NullMarked
package io.kumarun.kuma.translate;

import org.jspecify.annotations.NullMarked;
