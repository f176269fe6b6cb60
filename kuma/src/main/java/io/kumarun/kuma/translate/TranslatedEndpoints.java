package io.kumarun.kuma.translate;

import io.kumarun.proxy.config.EndpointConfig;
import java.util.List;

/** The endpoints of an EDS cluster; none is an answer too. */
public record TranslatedEndpoints(List<EndpointConfig> endpoints, List<Note> notes)
    implements Translated {
  /** What a cluster is served with when its endpoints are known not to exist. */
  public static final TranslatedEndpoints NONE = new TranslatedEndpoints(List.of(), List.of());

  public TranslatedEndpoints {
    endpoints = List.copyOf(endpoints);
    notes = List.copyOf(notes);
  }
}
