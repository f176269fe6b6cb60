package io.kumarun.kuma;

import io.kumarun.kuma.ConfigAssembler.Waiting;
import io.kumarun.kuma.translate.ResourceKind;
import io.kumarun.proxy.config.MeshConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an operator reads about the stream: each thing once per change. One thread at a time. */
final class AdsLog {
  private static final Logger LOG = LoggerFactory.getLogger(AdsClient.class);
  private static final int MAX_REMEMBERED_NOTES = 10_000;

  private final String controlPlane;
  private final Set<String> noted = new HashSet<>();
  private List<String> rejected = List.of();
  private List<Waiting> waiting = List.of();
  private String lastLoss = "";
  private boolean connected;

  AdsLog(String controlPlane) {
    this.controlPlane = controlPlane;
  }

  void answered() {
    if (!connected) {
      connected = true;
      lastLoss = "";
      LOG.info("connected to the control plane at {}", controlPlane);
    }
  }

  void applied(MeshConfig config) {
    LOG.info(
        "configuration applied: {} listeners, {} clusters",
        config.listeners().size(),
        config.clusters().size());
  }

  void rejections(ResourceStore store) {
    List<String> now = new ArrayList<>();
    for (ResourceKind kind : ResourceKind.values()) {
      now.addAll(store.rejections(kind).values());
    }
    for (String reason : now) {
      if (!rejected.contains(reason)) {
        LOG.warn("resource rejected, its last good version stays: {}", reason);
      }
    }
    rejected = List.copyOf(now);
  }

  List<String> rejected() {
    return rejected;
  }

  void waiting(List<Waiting> now) {
    for (Waiting each : now) {
      if (!waiting.contains(each)) {
        LOG.info("{}", each);
      }
    }
    waiting = now;
  }

  void notes(List<String> notes) {
    for (String note : notes) {
      if (noted.size() < MAX_REMEMBERED_NOTES && noted.add(note)) {
        LOG.info("{}", note);
      }
    }
  }

  void lost(String reason, long retryMillis) {
    if (connected || !reason.equals(lastLoss)) {
      LOG.warn(
          "no stream to the control plane at {}: {}; trying again in {} ms, then with growing"
              + " pauses; the last configuration stays",
          controlPlane,
          reason,
          retryMillis);
    } else {
      LOG.debug("still no stream: {}; trying again in {} ms", reason, retryMillis);
    }
    connected = false;
    lastLoss = reason;
  }

  void bug(Throwable failure) {
    LOG.error("the stream to the control plane has met a bug and goes on", failure);
  }
}
