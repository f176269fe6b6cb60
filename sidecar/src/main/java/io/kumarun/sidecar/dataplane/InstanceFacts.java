package io.kumarun.sidecar.dataplane;

import org.jspecify.annotations.Nullable;

/**
 * What the metadata server says about this instance, each null if it is unknown.
 *
 * @param id of the instance
 * @param projectNumber digits
 * @param region such as europe-west1
 * @param address within the VPC; only worker pools have one
 */
record InstanceFacts(
    @Nullable String id,
    @Nullable String projectNumber,
    @Nullable String region,
    @Nullable String address) {
  static final InstanceFacts NONE = new InstanceFacts(null, null, null, null);
}
