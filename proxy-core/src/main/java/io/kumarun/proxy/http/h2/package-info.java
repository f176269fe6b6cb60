/** HTTP/2 codec on Netty's connection-level API. */
@NullMarked
package io.kumarun.proxy.http.h2;

import org.jspecify.annotations.NullMarked;
