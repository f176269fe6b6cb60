package io.kumarun.kuma.translate;

/**
 * A resource that cannot be used. The message is for a person: kind and name of the resource, the
 * field, the offending value, and what was expected. It holds no secret.
 */
public final class ResourceRejectedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ResourceRejectedException(String message) {
    super(message);
  }
}
