/** Time-outs and limits as decisions: pure logic with the time passed in, no Netty, no threads. */
@NullMarked
package io.kumarun.retry;

import org.jspecify.annotations.NullMarked;
