package io.kumarun.sidecar.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutboundSyntaxTest {
  @Test
  void everyWayToNameAService() {
    assertThat(
            OutboundSyntax.outbounds(
                "10001=backend:80, 127.0.0.2:10002=MeshMultiZoneService/orders:8080\n"
                    + "[::1]:10003=MeshService{app=orders,env=prod}:80"
                    + " 10004=MeshExternalService/stripe,10005=kuma.io/service=backend_v1"))
        .containsExactly(
            new Outbound(
                null, 10001, new Outbound.BackendRef("MeshService", "backend", Map.of(), 80)),
            new Outbound(
                "127.0.0.2",
                10002,
                new Outbound.BackendRef("MeshMultiZoneService", "orders", Map.of(), 8080)),
            new Outbound(
                "::1",
                10003,
                new Outbound.BackendRef(
                    "MeshService", null, Map.of("app", "orders", "env", "prod"), 80)),
            new Outbound(
                null,
                10004,
                new Outbound.BackendRef("MeshExternalService", "stripe", Map.of(), null)),
            new Outbound(null, 10005, new Outbound.ServiceTag("backend_v1")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "backend:80; an outbound is PORT=SERVICE",
        "0=backend:80; \"0\" is no port",
        "1=backend; needs the number of its port",
        "1=backend:http; \"http\" is no port",
        "1=backend:99999; \"99999\" is no port",
        "1=MeshFoo/x:80; there is no kind MeshFoo",
        "1=MeshService{}:80; neither a name nor a label",
        "1=MeshService{a=!}:80; a label is key=value",
        "1=MeshService{a=b:80; a brace is not closed",
        "1=a:80,1=b:80; port 1 is taken twice",
        "1=kuma.io/service=a/b; cannot be a kuma.io/service"
      })
  void aWrongEntryIsNamedWithItsReason(String text, String reason) {
    assertThatThrownBy(() -> OutboundSyntax.outbounds(text))
        .isInstanceOf(WrongValueException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void labelsAreThoseOfKubernetes() {
    assertThat(OutboundSyntax.labels("app=orders,example.com/team=blue"))
        .isEqualTo(Map.of("app", "orders", "example.com/team", "blue"));
    assertThatThrownBy(() -> OutboundSyntax.labels("team=-blue"))
        .hasMessageStartingWith("team=-blue: a label is key=value");
  }
}
