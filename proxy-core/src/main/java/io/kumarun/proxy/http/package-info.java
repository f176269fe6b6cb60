/** HTTP streams as the proxy sees them, whatever the codec. */
@NullMarked
package io.kumarun.proxy.http;

import org.jspecify.annotations.NullMarked;
