package io.kumarun.kuma.inspect;

import com.google.protobuf.Any;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One resource of the control plane at one moment.
 *
 * @param accepted its last good version; null: there is none
 * @param warming the accepted version is not in use yet, because something it needs has not come
 * @param failure the newest version, where that was refused; null: the newest is the accepted one
 */
public record ResourceState(
    String name, @Nullable Version accepted, boolean warming, @Nullable Failure failure) {

  /** A version of a resource as it came. */
  public record Version(String version, Any raw, Instant at) {}

  /**
   * A version that was refused.
   *
   * @param reason a sentence for a person
   */
  public record Failure(String version, Any raw, Instant at, String reason) {}
}
