/** Metrics and access log. Prepared at configuration time; one call per request. */
@NullMarked
package io.kumarun.telemetry;

import org.jspecify.annotations.NullMarked;
