package io.kumarun.tls;

import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Turns the exceptions of a failed handshake into a sentence for an operator. */
final class HandshakeFailures {
  /** BoringSSL's reason code for an alert the peer sent, for example TLSV1_ALERT_UNKNOWN_CA. */
  private static final Pattern ALERT =
      Pattern.compile("\\b(?:SSLV3|TLSV1|TLSV13)(?:_ALERT)?_([A-Z_]+)");

  private static final Pattern REASON = Pattern.compile("OPENSSL_internal:([A-Z0-9_]+)");
  private static final String NO_CLIENT_CERTIFICATE = "PEER_DID_NOT_RETURN_A_CERTIFICATE";
  private static final int MAX_CAUSES = 8;

  private HandshakeFailures() {}

  static boolean isTls(@Nullable Throwable cause) {
    for (int i = 0; cause != null && i < MAX_CAUSES; i++, cause = cause.getCause()) {
      if (cause instanceof SSLException) {
        return true;
      }
    }
    return false;
  }

  static String sentence(Throwable failure, PeerRole peer) {
    Throwable cause = failure;
    for (int i = 0; cause != null && i < MAX_CAUSES; i++, cause = cause.getCause()) {
      String sentence = known(cause, peer);
      if (sentence != null) {
        return sentence;
      }
    }
    return "TLS handshake failed: " + failure.getClass().getSimpleName();
  }

  /** Which check the peer's certificate failed; null: it was something else. */
  static PeerRejectedException.@Nullable Reason reason(@Nullable Throwable failure) {
    Throwable cause = failure;
    for (int i = 0; cause != null && i < MAX_CAUSES; i++, cause = cause.getCause()) {
      if (cause instanceof PeerRejectedException rejected) {
        return rejected.reason();
      }
      String message = cause.getMessage();
      if (cause instanceof SSLException
          && message != null
          && message.contains(NO_CLIENT_CERTIFICATE)) {
        return PeerRejectedException.Reason.NO_CERTIFICATE;
      }
    }
    return null;
  }

  private static @Nullable String known(Throwable cause, PeerRole peer) {
    return switch (cause) {
      case PeerRejectedException e -> e.sentence();
      case NotSslRecordException e -> plaintext(peer);
      case SslHandshakeTimeoutException e -> "TLS handshake was not finished in time";
      case ClosedChannelException e -> "connection was closed during the TLS handshake";
      case SSLException e -> fromLibrary(String.valueOf(e.getMessage()), peer);
      case IOException e -> "connection broke during the TLS handshake";
      default -> null;
    };
  }

  private static String plaintext(PeerRole peer) {
    return peer == PeerRole.CLIENT
        ? "peer spoke plaintext to a TLS port"
        : "peer answered plaintext where TLS was expected";
  }

  private static @Nullable String fromLibrary(String message, PeerRole peer) {
    Matcher alert = ALERT.matcher(message);
    if (alert.find()) {
      return fromAlert(alert.group(1));
    }
    Matcher reason = REASON.matcher(message);
    if (reason.find()) {
      return fromReason(reason.group(1), peer);
    }
    if (message.startsWith("Connection closed")) {
      return "connection was closed during the TLS handshake";
    }
    // Netty's own words, said before BoringSSL would find no shared cipher.
    return message.startsWith("Unable to find key material")
        ? "no cipher suite in common with the peer that fits the type of our key"
        : null;
  }

  private static String fromAlert(String alert) {
    String readable = alert.toLowerCase(Locale.ROOT).replace('_', ' ');
    return switch (alert) {
      case "BAD_CERTIFICATE",
          "UNSUPPORTED_CERTIFICATE",
          "CERTIFICATE_REVOKED",
          "CERTIFICATE_EXPIRED",
          "CERTIFICATE_UNKNOWN",
          "UNKNOWN_CA",
          "ACCESS_DENIED" ->
          "peer refused our certificate: " + readable;
      case "CERTIFICATE_REQUIRED" -> "peer demands a certificate and we offered none";
      default -> "peer ended the TLS handshake: " + readable;
    };
  }

  private static @Nullable String fromReason(String reason, PeerRole peer) {
    return switch (reason) {
      case NO_CLIENT_CERTIFICATE -> "peer did not present a certificate";
      case "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "WRONG_VERSION_NUMBER" -> plaintext(peer);
      case "NO_SHARED_CIPHER" -> "no cipher suite in common with the peer";
      case "UNSUPPORTED_PROTOCOL" -> "no TLS version in common with the peer";
      // Our own verdict: it is further down in the causes.
      case "CERTIFICATE_VERIFY_FAILED" -> null;
      default -> "TLS handshake failed: " + reason.toLowerCase(Locale.ROOT).replace('_', ' ');
    };
  }
}
