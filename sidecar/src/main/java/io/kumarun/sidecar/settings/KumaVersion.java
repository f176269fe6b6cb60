package io.kumarun.sidecar.settings;

/** Which shape of a Dataplane the control plane takes. */
public enum KumaVersion {
  /** 2.13 and 2.14: an inbound has tags, {@code kuma.io/service} among them. */
  V2,
  /** 3: labels on the Dataplane, and a protocol on each inbound, take their place. */
  V3;

  static KumaVersion parse(String text) {
    return switch (text) {
      case "2.13", "2.14" -> V2;
      case "3" -> V3;
      default -> throw new IllegalArgumentException(text);
    };
  }
}
