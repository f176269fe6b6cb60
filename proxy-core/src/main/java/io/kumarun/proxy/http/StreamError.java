package io.kumarun.proxy.http;

/** Why a stream ended before its time. The names follow Envoy's stream reset reasons. */
public enum StreamError {
  /** The peer reset the stream. */
  REMOTE_RESET("remote reset"),
  /** The peer refused the stream and says that it did not process it: safe to send again. */
  REMOTE_REFUSED("remote refused stream reset"),
  /** The connection ended while the stream was open. */
  CONNECTION_TERMINATION("connection termination"),
  /** The connection could not be made. */
  CONNECTION_FAILURE("remote connection failure"),
  /** The connection could not be made in time. */
  CONNECTION_TIMEOUT("connection timeout"),
  /** A limit of the cluster. */
  OVERFLOW("overflow"),
  /** The peer broke the protocol. */
  PROTOCOL_ERROR("protocol error"),
  /** This proxy gave the stream up. */
  LOCAL_RESET("local reset"),
  /** This proxy never sent it: safe to send again. */
  LOCAL_REFUSED("local refused stream reset");

  private final String sentence;

  StreamError(String sentence) {
    this.sentence = sentence;
  }

  /** Envoy's words for it, as they appear in local replies. */
  public String sentence() {
    return sentence;
  }
}
