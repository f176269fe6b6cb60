/** The data path as one object. */
@NullMarked
package io.kumarun.proxy;

import org.jspecify.annotations.NullMarked;
