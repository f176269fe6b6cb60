package io.kumarun.kuma.translate;

import java.util.List;

/** One translated resource. Immutable. */
public sealed interface Translated
    permits TranslatedCluster, TranslatedEndpoints, TranslatedListener, TranslatedSecret {
  /** What was understood and left out, each a sentence for a person that names the resource. */
  List<String> notes();
}
