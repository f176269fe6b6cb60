package io.kumarun.telemetry;

import org.jspecify.annotations.Nullable;

/** A part of an access log format that appends its share of a record. */
sealed interface LogPiece {

  void append(LoggedRequest request, StringBuilder out);

  /** Text of the format itself. */
  record Literal(String text) implements LogPiece {
    @Override
    public void append(LoggedRequest request, StringBuilder out) {
      out.append(text);
    }
  }

  /** A header of the request or of the response, or else another one. */
  record Header(boolean ofRequest, String name, @Nullable String otherName, int maxLength)
      implements LogPiece {
    @Override
    public void append(LoggedRequest request, StringBuilder out) {
      CharSequence value = value(request, name);
      if (value == null && otherName != null) {
        value = value(request, otherName);
      }
      LogText.appendSafe(value, maxLength, out);
    }

    private @Nullable CharSequence value(LoggedRequest request, String header) {
      return ofRequest ? request.requestHeader(header) : request.responseHeader(header);
    }
  }

  /** An operator without arguments. */
  enum Value implements LogPiece {
    START_TIME {
      @Override
      public void append(LoggedRequest request, StringBuilder out) {
        LogText.appendTime(request.startTimeEpochMillis(), out);
      }
    },
    PROTOCOL {
      @Override
      public void append(LoggedRequest request, StringBuilder out) {
        LogText.appendSafe(request.protocol(), out);
      }
    },
    RESPONSE_CODE {
      @Override
      public void append(LoggedRequest request, StringBuilder out) {
        out.append(request.responseCode());
      }
    },
    RESPONSE_FLAGS {
      @Override
      public void append(LoggedRequest request, StringBuilder out) {
        LogText.appendFlags(request.responseFlags(), out);
      }
    },
    RESPONSE_CODE_DETAILS {
      @Override
      public void append(LoggedRequest request, StringBuilder out) {
        LogText.appendSafe(request.responseCodeDetails(), out);
      }
    },
    BYTES_RECEIVED {
      @Override
      public void append(LoggedRequest request, StringBuilder out) {
        out.append(request.bytesReceived());
      }
    },
    BYTES_SENT {
      @Override
      public void append(LoggedRequest request, StringBuilder out) {
        out.append(request.bytesSent());
      }
    },
    DURATION {
      @Override
      public void append(LoggedRequest request, StringBuilder out) {
        out.append(request.durationMillis());
      }
    },
    UPSTREAM_HOST {
      @Override
      public void append(LoggedRequest request, StringBuilder out) {
        LogText.appendSafe(request.upstreamHost(), out);
      }
    },
    UPSTREAM_CLUSTER {
      @Override
      public void append(LoggedRequest request, StringBuilder out) {
        LogText.appendSafe(request.upstreamCluster(), out);
      }
    },
    DOWNSTREAM_PEER_URI_SAN {
      @Override
      public void append(LoggedRequest request, StringBuilder out) {
        LogText.appendSafe(request.downstreamPeerUriSan(), out);
      }
    }
  }
}
