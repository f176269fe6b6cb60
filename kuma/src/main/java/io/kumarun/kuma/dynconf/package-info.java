/**
 * What the control plane tells a data plane outside Envoy's configuration: metrics, DNS and OTel
 * (contract §5.1), which travels in the fixed answers of one listener.
 */
@NullMarked
package io.kumarun.kuma.dynconf;

import org.jspecify.annotations.NullMarked;
