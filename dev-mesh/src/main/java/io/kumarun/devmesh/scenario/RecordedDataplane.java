package io.kumarun.devmesh.scenario;

import java.util.List;

/**
 * A data plane as it was when the resources were recorded. Inbounds were all on port 18080, the
 * admin listener on 9901, readiness on 9902, outbounds on 127.0.0.1.
 */
record RecordedDataplane(String role, String name, String address, int applicationPort) {

  static final int INBOUND_PORT = 18080;
  static final int ADMIN_PORT = 9901;
  static final int READINESS_PORT = 9902;
  static final String LOOPBACK = "127.0.0.1";

  /** Every data plane there was, in any scenario. */
  static final List<RecordedDataplane> ALL =
      List.of(
          new RecordedDataplane("frontend", "frontend-1", "127.0.0.2", 8081),
          new RecordedDataplane("backend", "backend-1", "127.0.0.3", 8082),
          new RecordedDataplane("backend-v2", "backend-2", "127.0.0.4", 8083),
          new RecordedDataplane("backend-tcp", "backend-tcp-1", "127.0.0.5", 8085),
          new RecordedDataplane("backend-grpc", "backend-grpc-1", "127.0.0.6", 8086),
          new RecordedDataplane("backend-http2", "backend-http2-1", "127.0.0.7", 8087));

  static RecordedDataplane of(String role) {
    return ALL.stream()
        .filter(dataplane -> dataplane.role().equals(role))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("No data plane was recorded as " + role));
  }

  /** The service behind it, which is also its workload. */
  String service() {
    return role.equals("backend-v2") ? "backend" : role;
  }
}
