/** Which route a request takes. */
@NullMarked
package io.kumarun.proxy.route;

import org.jspecify.annotations.NullMarked;
