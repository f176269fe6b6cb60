/** HTTP/1.1 codec: RFC 9112 framing, enforced. */
@NullMarked
package io.kumarun.proxy.http.h1;

import org.jspecify.annotations.NullMarked;
