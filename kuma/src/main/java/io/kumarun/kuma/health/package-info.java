/** Reports to the control plane whether the application and this data plane are well (HDS). */
@NullMarked
package io.kumarun.kuma.health;

import org.jspecify.annotations.NullMarked;
