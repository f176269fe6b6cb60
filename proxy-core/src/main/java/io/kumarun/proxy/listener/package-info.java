/** Bound sockets, filter chain selection, TLS and protocol detection. */
@NullMarked
package io.kumarun.proxy.listener;

import org.jspecify.annotations.NullMarked;
