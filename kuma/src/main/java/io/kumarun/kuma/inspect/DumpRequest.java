package io.kumarun.kuma.inspect;

import com.google.re2j.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which part of the configuration is asked for, by the parameters of Envoy's {@code /config_dump}.
 *
 * @param endpoints {@code include_eds}
 * @param field {@code resource}: one field of one dump ({@code dynamic_active_clusters}), whose
 *     elements then stand by themselves; null: everything
 * @param name {@code name_regex}: must match the whole name of a resource; null: all
 */
public record DumpRequest(boolean endpoints, @Nullable String field, @Nullable Pattern name) {
  public static final DumpRequest EVERYTHING = new DumpRequest(true, null, null);

  boolean wants(String resourceName) {
    return name == null || name.matches(resourceName);
  }
}
