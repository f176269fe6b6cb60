package io.kumarun.kuma;

import io.kumarun.kuma.inspect.ControlPlaneStatus;
import java.time.InstantSource;
import java.util.List;

/**
 * How things stand with the control plane, for readiness and for pages. One thread at a time;
 * {@link #state} from any.
 */
final class AdsStatus {
  private final InstantSource clock;
  private ControlPlaneStatus controlPlane;
  private volatile KumaState state = KumaState.STARTING;

  AdsStatus(String address, InstantSource clock) {
    this.clock = clock;
    this.controlPlane = new ControlPlaneStatus(address, false, null, "", null);
  }

  /** Any thread. */
  KumaState state() {
    return state;
  }

  ControlPlaneStatus controlPlane() {
    return controlPlane;
  }

  void opened() {
    state = state.opened();
  }

  void connected() {
    state = state.connected(clock.instant());
    controlPlane = controlPlane.connected(clock.instant());
  }

  void refused() {
    state = state.refused();
  }

  /** The control plane is there, and says nothing. */
  void silent(String sentence) {
    state = state.waitingFor(List.of(sentence));
  }

  void assembled(boolean complete, List<String> waiting, List<String> rejected) {
    state = state.assembled(complete, waiting, rejected);
  }

  /**
   * @param waiting what is waited for besides a stream
   */
  void lost(String reason, List<String> waiting) {
    state = state.disconnected(reason).waitingFor(waiting);
    controlPlane = controlPlane.lost(reason, clock.instant());
  }

  void movedTo(String address) {
    controlPlane = controlPlane.movedTo(address);
  }

  void closed() {
    state = state.disconnected("");
  }
}
