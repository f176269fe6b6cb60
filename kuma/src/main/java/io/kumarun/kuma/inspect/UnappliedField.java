package io.kumarun.kuma.inspect;

/**
 * Something that the control plane sent, that was taken, and that changes nothing here.
 *
 * @param kind cluster, endpoints, secret or listener
 * @param resource its name
 * @param path of the field in the resource, with indices, map keys and the types in each Any;
 *     empty: the resource as a whole
 * @param feature what it is, in the same words for all resources: the full name of a field or of an
 *     extension's message, or a sentence
 */
public record UnappliedField(String kind, String resource, String path, String feature) {
  @Override
  public String toString() {
    return kind + " " + resource + ": " + (path.isEmpty() ? "" : path + ": ") + feature;
  }
}
