package io.kumarun.kuma.translate;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.kumarun.kuma.Recordings;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RecordingsTest {
  private final Set<String> rejections = new TreeSet<>();
  private final Set<String> notes = new TreeSet<>();

  @Test
  void everythingThatAControlPlaneSentIsTakenButWhatCannotBeServed() {
    for (String dataplane : Recordings.dataplanes()) {
      for (DeltaDiscoveryResponse response : Recordings.responses(dataplane)) {
        for (Resource resource : response.getResourcesList()) {
          translate(dataplane, response.getTypeUrl(), resource);
        }
      }
    }

    assertThat(rejections)
        .containsExactlyInAnyOrder(
            // Its endpoints pick their TLS by metadata; without that they would get cleartext.
            "18c-legacy-externalservice/frontend cluster ext-tls: transport_socket_matches (without"
                + " a transport_socket): is not served; remove it",
            // A filter that a MeshProxyPatch put there, and that could be anything.
            "22-meshproxypatch/frontend listener outbound:127.0.0.1:10001:"
                + " filter_chains[0].filters[0].http_filters[0]:"
                + " \"envoy.filters.http.header_to_metadata"
                + " (envoy.extensions.filters.http.header_to_metadata.v3.Config)\" is not served,"
                + " expected envoy.filters.http.router, rbac, local_ratelimit, fault, grpc_stats or"
                + " Kuma's own lua");
    assertThat(notes)
        .containsExactlyInAnyOrder(
            "access_log is not applied yet",
            "circuit_breakers max_connection_pools is not applied yet",
            "common_lb_config is not applied yet",
            "fault injection is not applied yet",
            "hash_policy is not applied yet",
            "health_checks is not applied yet",
            "is not served: ORIGINAL_DST needs traffic that iptables redirects",
            "is not served: it is a UDP listener",
            "is not served: use_original_dst needs traffic that iptables redirects",
            "lb_policy is not applied yet",
            "local rate limit is not applied yet",
            "local rate limit on connections is not applied yet",
            "locality weighting is not applied yet",
            "outlier_detection is not applied yet",
            "policy.overprovisioning_factor is not applied yet",
            "retry_policy is not applied yet",
            "routes by filter_state are left out: their limits and time-outs do not apply",
            "set_filter_state is not applied yet",
            "tracing is not applied yet");
  }

  private void translate(String dataplane, String typeUrl, Resource resource) {
    ResourceKind kind = Objects.requireNonNull(ResourceKind.ofTypeUrl(typeUrl), typeUrl);
    try {
      Translated translated = kind.translate(resource.getName(), resource.getResource());
      String subject = kind.label() + " " + resource.getName() + ": ";
      for (String note : translated.notes()) {
        assertThat(note).startsWith(subject);
        notes.add(note.substring(subject.length()));
      }
    } catch (ResourceRejectedException e) {
      rejections.add(dataplane + " " + e.getMessage());
    }
  }
}
