package io.kumarun.devmesh.scenario;

import java.util.Map;

/** The outbound listeners of the recorded role {@code frontend}. */
final class RecordedOutbound {

  /** Port on 127.0.0.1 per service. */
  static final Map<String, Integer> PORTS =
      Map.of("backend", 10001, "backend-tcp", 10002, "backend-grpc", 10003, "backend-http2", 10004);

  private RecordedOutbound() {}
}
