package io.kumarun.proxy.filter;

import io.kumarun.telemetry.ResponseFlag;
import org.jspecify.annotations.Nullable;

/**
 * Every response this proxy makes itself: status, body, response flag and response code details as
 * Envoy has them (contract §3.18). Where a cause belongs into the body it is appended.
 */
public enum LocalReply {
  BAD_REQUEST(400, "", null, "bad_request"),
  UPGRADE_REFUSED(403, "", null, "upgrade_failed"),
  PERMISSION_DENIED(403, "RBAC: access denied", null, "rbac_access_denied_matched_policy"),
  ROUTE_NOT_FOUND(404, "", ResponseFlag.NR, "route_not_found"),
  DIRECT_RESPONSE(200, "", null, "direct_response"),
  REQUEST_HEADERS_TIMEOUT(408, "request header timeout", null, "request_header_timeout"),
  STREAM_IDLE_TIMEOUT(408, "stream timeout", ResponseFlag.SI, "stream_idle_timeout"),
  STREAM_IDLE_NO_RESPONSE(504, "stream timeout", ResponseFlag.SI, "stream_idle_timeout"),
  CLUSTER_NOT_FOUND(503, "", ResponseFlag.NC, "cluster_not_found"),
  NO_HEALTHY_UPSTREAM(503, "no healthy upstream", ResponseFlag.UH, "no_healthy_upstream"),
  UPSTREAM_OVERFLOW(
      503,
      Constants.RESET_BEFORE_HEADERS + "overflow",
      ResponseFlag.UO,
      Constants.RESET_DETAILS + "{overflow}"),
  UPSTREAM_CONNECTION_FAILURE(
      503,
      Constants.RESET_BEFORE_HEADERS + "remote connection failure",
      ResponseFlag.UF,
      Constants.RESET_DETAILS + "{remote_connection_failure}"),
  UPSTREAM_CONNECTION_TIMEOUT(
      503,
      Constants.RESET_BEFORE_HEADERS + "connection timeout",
      ResponseFlag.UF,
      Constants.RESET_DETAILS + "{connection_timeout}"),
  UPSTREAM_CONNECTION_TERMINATION(
      503,
      Constants.RESET_BEFORE_HEADERS + "connection termination",
      ResponseFlag.UC,
      Constants.RESET_DETAILS + "{connection_termination}"),
  UPSTREAM_REMOTE_RESET(
      503,
      Constants.RESET_BEFORE_HEADERS + "remote reset",
      ResponseFlag.UR,
      Constants.RESET_DETAILS + "{remote_reset}"),
  UPSTREAM_REMOTE_REFUSED(
      503,
      Constants.RESET_BEFORE_HEADERS + "remote refused stream reset",
      ResponseFlag.UR,
      Constants.RESET_DETAILS + "{remote_refused_stream_reset}"),
  UPSTREAM_PROTOCOL_ERROR(
      502,
      Constants.RESET_BEFORE_HEADERS + "protocol error",
      ResponseFlag.UPE,
      Constants.RESET_DETAILS + "{protocol_error}"),
  UPSTREAM_REQUEST_TIMEOUT(504, "upstream request timeout", ResponseFlag.UT, "response_timeout");

  private final int status;
  private final String body;
  private final @Nullable ResponseFlag flag;
  private final String details;

  LocalReply(int status, String body, @Nullable ResponseFlag flag, String details) {
    this.status = status;
    this.body = body;
    this.flag = flag;
    this.details = details;
  }

  public int status() {
    return status;
  }

  public String body() {
    return body;
  }

  /** What the access log shows; null where Envoy has none. */
  public @Nullable ResponseFlag flag() {
    return flag;
  }

  /** Envoy's response code details. */
  public String details() {
    return details;
  }

  /** Envoy's details where the same happened after the response had begun: there is no reply. */
  public static String detailsAfterResponseStarted(String before) {
    return before.startsWith(Constants.RESET_DETAILS)
        ? Constants.LATE_RESET_DETAILS + before.substring(Constants.RESET_DETAILS.length())
        : before;
  }

  private static final class Constants {
    static final String RESET_BEFORE_HEADERS =
        "upstream connect error or disconnect/reset before headers. reset reason: ";
    static final String RESET_DETAILS = "upstream_reset_before_response_started";
    static final String LATE_RESET_DETAILS = "upstream_reset_after_response_started";
  }
}
