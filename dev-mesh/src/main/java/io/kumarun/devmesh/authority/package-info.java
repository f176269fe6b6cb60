/**
 * Who is who in the development mesh: certificate authorities, leaf certificates and dataplane
 * tokens.
 */
@NullMarked
package io.kumarun.devmesh.authority;

import org.jspecify.annotations.NullMarked;
