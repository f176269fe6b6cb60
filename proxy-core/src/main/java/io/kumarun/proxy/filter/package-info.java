/**
 * HTTP filters: what may be done with a request before it is routed. They see a stream, no codec.
 */
@NullMarked
package io.kumarun.proxy.filter;

import org.jspecify.annotations.NullMarked;
