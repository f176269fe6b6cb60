/** Clusters, their endpoints, load balancing and connection pools, one pool per event loop. */
@NullMarked
package io.kumarun.proxy.cluster;

import org.jspecify.annotations.NullMarked;
