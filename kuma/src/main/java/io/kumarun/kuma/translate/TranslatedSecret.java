package io.kumarun.kuma.translate;

import io.kumarun.tls.SanMatcher;
import io.kumarun.tls.TlsCertificate;
import io.kumarun.tls.TrustBundle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A secret: a certificate with its key, or what a peer is checked against. */
public record TranslatedSecret(Content content, List<Note> notes) implements Translated {
  /** What a secret holds. */
  public sealed interface Content {
    record Certificate(TlsCertificate certificate) implements Content {}

    /**
     * @param trust null: the control plane has no authority to give; users keep waiting
     */
    record Validation(@Nullable TrustBundle trust, List<SanMatcher> accepted) implements Content {
      public Validation {
        accepted = List.copyOf(accepted);
      }
    }
  }

  public TranslatedSecret {
    notes = List.copyOf(notes);
  }
}
