/**
 * What each data plane is told: recorded resources of a real control plane, moved to other names,
 * addresses and ports.
 */
@NullMarked
package io.kumarun.devmesh.scenario;

import org.jspecify.annotations.NullMarked;
