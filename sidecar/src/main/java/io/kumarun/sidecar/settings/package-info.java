/** What the environment and the command line say, checked: the one place that knows their names. */
@NullMarked
package io.kumarun.sidecar.settings;

import org.jspecify.annotations.NullMarked;
