package io.kumarun.devmesh.authority;

import java.util.List;
import java.util.Map;

/**
 * What a dataplane token is bound to; an empty string or map means "any" (contract §1.4).
 *
 * @param name the Dataplane
 * @param mesh its mesh
 * @param workload its label {@code kuma.io/workload}
 * @param tags allowed values per tag
 */
public record TokenSubject(
    String name, String mesh, String workload, Map<String, List<String>> tags) {

  public TokenSubject {
    tags = Map.copyOf(tags);
  }

  public static TokenSubject of(String mesh, String name, String workload) {
    return new TokenSubject(name, mesh, workload, Map.of());
  }
}
