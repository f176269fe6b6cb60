package io.kumarun.kuma;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.kumarun.kuma.StreamLoss.Kind;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

/** The words are those of a real control plane. */
class StreamLossTest {
  @Test
  void aStreamThatIsStillHeldIsNoFailure() {
    assertThat(
            kind(
                Status.UNKNOWN.withDescription(
                    "there is already an active stream from this node, try again later")))
        .isEqualTo(Kind.STILL_HELD);
  }

  @Test
  void aRefusedTokenIsKnownByTheWordsOfTheControlPlane() {
    assertThat(
            kind(
                Status.UNKNOWN.withDescription(
                    "authentication failed: could not parse token: there is no signing key with KID"
                        + " 1")))
        .isEqualTo(Kind.UNAUTHENTICATED);
    assertThat(kind(Status.UNAUTHENTICATED)).isEqualTo(Kind.UNAUTHENTICATED);
  }

  @Test
  void aCertificateThatIsNotTrustedIsFoundBehindWhatWrapsIt() {
    SSLHandshakeException handshake = new SSLHandshakeException("General OpenSslEngine problem");
    handshake.initCause(new CertificateException("was not issued by the given CA certificate"));
    StreamLoss loss =
        StreamLoss.of(
            Status.UNAVAILABLE
                .withDescription("ssl exception")
                .withCause(new RuntimeException(handshake)));

    assertThat(loss.kind()).isEqualTo(Kind.UNTRUSTED);
    assertThat(loss.reason())
        .isEqualTo("UNAVAILABLE: ssl exception (was not issued by the given CA certificate)");
  }

  @Test
  void anythingElseIsALoss() {
    assertThat(kind(Status.UNAVAILABLE.withDescription("io exception"))).isEqualTo(Kind.LOST);
    assertThat(kind(Status.UNKNOWN)).isEqualTo(Kind.LOST);
  }

  private static Kind kind(Status status) {
    return StreamLoss.of(status).kind();
  }
}
