package io.kumarun.devmesh.scenario;

import java.util.List;

/**
 * A mesh whose resources were recorded from kuma-cp 2.14.3: which data planes there are, and how
 * they know each other. The role {@code frontend} calls the others.
 */
public enum Scenario {
  /** No mTLS; {@code backend} has two endpoints. */
  PLAIN_HTTP("plain-http", "plain-http", "s01", Identity.NONE, "frontend", "backend", "backend-v2"),

  /** {@code Mesh.mtls} STRICT; a permission for frontend, and for batch with a shadow denial. */
  LEGACY_STRICT_HTTP(
      "legacy-strict-http", "legacy-strict-http", "s03", Identity.LEGACY, "frontend", "backend"),

  /** {@code Mesh.mtls} PERMISSIVE; everybody is allowed. */
  LEGACY_PERMISSIVE_HTTP(
      "legacy-permissive-http",
      "legacy-permissive-http",
      "s02",
      Identity.LEGACY,
      "frontend",
      "backend",
      "backend-v2"),

  /** {@code Mesh.mtls} STRICT with http, tcp, grpc and http2 services; everybody is allowed. */
  LEGACY_STRICT_PROTOCOLS(
      "legacy-strict-protocols",
      "legacy-strict-protocols",
      "s20",
      Identity.LEGACY,
      "frontend",
      "backend",
      "backend-tcp",
      "backend-grpc",
      "backend-http2"),

  /** MeshTLS Permissive with versions and ciphers over {@code Mesh.mtls}, by MeshService. */
  MESHTLS_PERMISSIVE_HTTP(
      "meshtls-permissive-http",
      "meshtls-permissive-http",
      "s17ms",
      Identity.LEGACY,
      "frontend",
      "backend"),

  /** MeshIdentity and MeshTrust; all workloads of the trust domain are allowed. */
  IDENTITY_STRICT_HTTP(
      "identity-strict-http",
      "identity-strict-http",
      "s04ms",
      Identity.MESH_IDENTITY,
      "frontend",
      "backend",
      "backend-v2"),

  /**
   * As {@link #IDENTITY_STRICT_HTTP}, but inbounds take cleartext as well, in the three filter
   * chains that the permissive recordings have.
   */
  IDENTITY_PERMISSIVE_HTTP(
      "identity-permissive-http",
      "identity-strict-http",
      "s04ms",
      Identity.MESH_IDENTITY,
      "frontend",
      "backend",
      "backend-v2"),

  /**
   * As {@link #LEGACY_STRICT_PROTOCOLS}, but with the names, secrets and permissions by matcher of
   * a MeshIdentity.
   */
  IDENTITY_STRICT_PROTOCOLS(
      "identity-strict-protocols",
      "legacy-strict-protocols",
      "s20",
      Identity.MESH_IDENTITY,
      "frontend",
      "backend",
      "backend-tcp",
      "backend-grpc",
      "backend-http2"),

  /** MeshIdentity; a permission with deny, allow with shadow denial, and allow, by SPIFFE id. */
  IDENTITY_RULES_HTTP(
      "identity-rules-http",
      "identity-rules-http",
      "s03bms",
      Identity.MESH_IDENTITY,
      "frontend",
      "backend"),

  /** MeshIdentity with resource identifiers (KRI) as names. */
  IDENTITY_KRI_HTTP(
      "identity-kri-http",
      "identity-kri-http",
      "s19dms",
      Identity.MESH_IDENTITY,
      "frontend",
      "backend");

  /** How data planes are known to each other. */
  public enum Identity {
    /** They are not: no mTLS. */
    NONE,
    /** {@code spiffe://<mesh>/<service>} and tags, from {@code Mesh.mtls}. */
    LEGACY,
    /** {@code spiffe://<mesh>.mesh.local/workload/<workload>}, from a MeshIdentity. */
    MESH_IDENTITY
  }

  private final String id;
  private final String recording;
  private final String recordedMesh;
  private final Identity identity;
  private final List<String> roles;

  Scenario(String id, String recording, String recordedMesh, Identity identity, String... roles) {
    this.id = id;
    this.recording = recording;
    this.recordedMesh = recordedMesh;
    this.identity = identity;
    this.roles = List.of(roles);
  }

  /** A stable name, for people and for command lines. */
  public String id() {
    return id;
  }

  public Identity identity() {
    return identity;
  }

  /** The data planes that were recorded. */
  public List<String> roles() {
    return roles;
  }

  /** Whether its MeshTrusts also name {@code other.mesh.local}. */
  public boolean recordsForeignTrust() {
    return recordedMesh.equals("s04ms");
  }

  /** Directory of its recorded resources. */
  String recording() {
    return recording;
  }

  String recordedMesh() {
    return recordedMesh;
  }
}
