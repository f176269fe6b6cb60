/**
 * What a data plane shows of itself, in Envoy's formats (contract §5.8): the configuration it was
 * given, without its secrets, and what of it is in use.
 */
@NullMarked
package io.kumarun.kuma.inspect;

import org.jspecify.annotations.NullMarked;
