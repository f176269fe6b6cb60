package io.kumarun.kuma.translate;

import java.util.List;

/** One translated resource. Immutable. */
public sealed interface Translated
    permits TranslatedCluster, TranslatedEndpoints, TranslatedListener, TranslatedSecret {
  /** Values that were understood and left out. */
  List<Note> notes();

  /** False: known and not used at all; its notes say why. */
  default boolean served() {
    return true;
  }
}
