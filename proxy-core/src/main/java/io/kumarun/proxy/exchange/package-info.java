/** One HTTP request from the downstream codec through filters and router to its end. */
@NullMarked
package io.kumarun.proxy.exchange;

import org.jspecify.annotations.NullMarked;
