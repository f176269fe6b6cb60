package io.kumarun.kuma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumarun.proxy.config.Address;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BootstrapReaderTest {
  @Test
  void aRecordedAnswerIsRead() throws Exception {
    Bootstrap bootstrap =
        BootstrapReader.fromYaml(
            Recordings.text("delta-03-mtls-strict-mtp/frontend/bootstrap.yaml"));

    assertThat(bootstrap.node().getId()).isEqualTo("s03.frontend-1");
    assertThat(bootstrap.node().getCluster()).isEqualTo("frontend");
    var metadata = bootstrap.node().getMetadata();
    assertThat(metadata.getFieldsOrThrow("dataplane.admin.port").getStringValue())
        .isEqualTo("9901");
    assertThat(metadata.getFieldsOrThrow("ipv6Enabled").getBoolValue()).isFalse();
    assertThat(metadata.getFieldsOrThrow("features").getListValue().getValuesCount()).isEqualTo(5);
    assertThat(metadata.getFieldsOrThrow("dataplane.resource").getStringValue())
        .startsWith("{\"labels\"");
    assertThat(
            metadata
                .getFieldsOrThrow("version")
                .getStructValue()
                .getFieldsOrThrow("envoy")
                .getStructValue()
                .getFieldsOrThrow("version")
                .getStringValue())
        .isEqualTo("1.38.2");
    assertThat(bootstrap.adsHost()).isEqualTo("127.0.0.1");
    assertThat(bootstrap.adsPort()).isEqualTo(5678);
    assertThat(bootstrap.adsTls()).isTrue();
    assertThat(bootstrap.authorities()).startsWith("-----BEGIN CERTIFICATE-----");
    assertThat(bootstrap.acceptedNames()).containsExactly("127.0.0.1");
    assertThat(bootstrap.authorization()).startsWith("eyJ");
    assertThat(bootstrap.admin())
        .isEqualTo(new Address.Pipe("/tmp/kuma-dp-frontend-1/kuma-envoy-admin.sock"));
    assertThat(bootstrap.healthDiscovery()).isTrue();
    assertThat(bootstrap.toString()).doesNotContain("eyJ");
  }

  @Test
  void theEnvelopeIsRead() throws Exception {
    byte[] envelope =
        Recordings.text("bootstrap-response-example.json").getBytes(StandardCharsets.UTF_8);

    assertThat(BootstrapReader.fromResponse(envelope).node().getId()).isNotEmpty();
  }

  @Test
  void snakeCaseMeansTheSame() throws Exception {
    Bootstrap bootstrap =
        BootstrapReader.fromYaml(
            """
            node: {id: m.d, cluster: c}
            dynamic_resources:
              ads_config:
                grpc_services:
                - envoy_grpc: {cluster_name: system_ads}
            static_resources:
              clusters:
              - name: system_ads
                load_assignment:
                  endpoints:
                  - lb_endpoints:
                    - endpoint: {address: {socket_address: {address: cp, port_value: 5678}}}
            """);

    assertThat(bootstrap.adsHost()).isEqualTo("cp");
    assertThat(bootstrap.adsTls()).isFalse();
    assertThat(bootstrap.healthDiscovery()).isFalse();
    assertThat(bootstrap.admin()).isNull();
  }

  @Test
  void somethingElseThanAControlPlaneIsToldApart() {
    assertThatThrownBy(
            () -> BootstrapReader.fromResponse("<html>".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(BootstrapException.class)
        .hasMessageContaining("it is not JSON");
    assertThatThrownBy(() -> BootstrapReader.fromYaml("node: {id: a}"))
        .hasMessageContaining("does not say where ADS is");
  }
}
