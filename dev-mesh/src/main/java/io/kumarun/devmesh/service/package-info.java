/** Small applications that stand behind or in front of a sidecar. */
@NullMarked
package io.kumarun.devmesh.service;

import org.jspecify.annotations.NullMarked;
