/** The runtime configuration: immutable records, no Netty, no protobuf. */
@NullMarked
package io.kumarun.proxy.config;

import org.jspecify.annotations.NullMarked;
