/** The program: settings, assembly, life cycle, admin interface, command line. */
@NullMarked
package io.kumarun.sidecar;

import org.jspecify.annotations.NullMarked;
