package io.kumarun.telemetry;

/**
 * Why a response is not simply the application's: Envoy's response flags, by the letters that
 * access logs print (config.accesslog.v3, "%RESPONSE_FLAGS%"). A request may have several.
 */
public enum ResponseFlag {
  /** No healthy upstream host in the cluster. */
  UH,
  /** The connection to the upstream host could not be made. */
  UF,
  /** A limit of the cluster was reached. */
  UO,
  /** No route matched, or no filter chain. */
  NR,
  /** The cluster does not exist. */
  NC,
  /** The request timed out at the upstream host. */
  UT,
  /** This proxy reset the stream to the upstream host. */
  LR,
  /** The upstream host reset the stream. */
  UR,
  /** The upstream host closed the connection. */
  UC,
  /** The downstream peer went away. */
  DC,
  /** The downstream peer broke the protocol. */
  DPE,
  /** The upstream host broke the protocol. */
  UPE,
  /** The stream was idle for too long. */
  SI
}
