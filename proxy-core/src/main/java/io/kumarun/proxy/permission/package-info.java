/** MeshTrafficPermission as a decision on a connection: pure, no Netty. */
@NullMarked
package io.kumarun.proxy.permission;

import org.jspecify.annotations.NullMarked;
