package io.kumarun.kuma;

import io.kumarun.kuma.ConfigAssembler.Waiting;
import io.kumarun.kuma.inspect.UnappliedField;
import io.kumarun.kuma.translate.ResourceKind;
import io.kumarun.proxy.config.MeshConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an operator reads about the stream: each thing once per change. One thread at a time. */
final class AdsLog {
  private static final Logger LOG = LoggerFactory.getLogger(AdsClient.class);
  private static final int MAX_REMEMBERED_NOTES = 10_000;

  private final Set<String> noted = new HashSet<>();
  private List<String> rejected = List.of();
  private List<Waiting> waiting = List.of();
  private String lastLoss = "";
  private String lastBootstrapFailure = "";
  private boolean connected;
  private boolean silent;

  void answered(String controlPlane) {
    silent = false;
    if (!connected) {
      connected = true;
      lastLoss = "";
      lastBootstrapFailure = "";
      LOG.info("connected to the control plane at {}", controlPlane);
    }
  }

  /** Says it once, and returns what it said. */
  String silent(String node, Duration patience) {
    String sentence =
        "joined, but the control plane has sent no configuration for "
            + Math.max(1, patience.toSeconds())
            + " s: it may be unable to build one for Dataplane "
            + node
            + " (mesh.name); look for that name in the control plane's log";
    if (!silent) {
      silent = true;
      LOG.warn("{}", sentence);
    }
    return sentence;
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

  /** Each feature once, with the first place where it was found. */
  void unapplied(List<UnappliedField> fields) {
    for (UnappliedField field : fields) {
      if (noted.size() < MAX_REMEMBERED_NOTES && noted.add(field.feature())) {
        if (field.path().isEmpty()) { // a sentence about the whole
          LOG.info("{} {} {}", field.kind(), field.resource(), field.feature());
        } else {
          LOG.info(
              "not applied: {} (in {} {} {})",
              field.feature(),
              field.kind(),
              field.resource(),
              field.path());
        }
      }
    }
  }

  void lost(String controlPlane, StreamLoss loss, long retryMillis) {
    if (!connected && loss.reason().equals(lastLoss)) {
      LOG.debug("still no stream: {}; trying again in {} ms", loss.reason(), retryMillis);
      return;
    }
    connected = false;
    lastLoss = loss.reason();
    switch (loss.kind()) {
      case STILL_HELD ->
          LOG.info(
              "the control plane at {} has a stream of this data plane already: its previous one, up"
                  + " to 10 s after its end, or that of another instance with the same name;"
                  + " trying again",
              controlPlane);
      case LOST ->
          LOG.warn(
              "no stream to the control plane at {}: {}; trying again in {} ms, then with growing"
                  + " pauses; the last configuration stays",
              controlPlane,
              loss.reason(),
              retryMillis);
      case UNTRUSTED ->
          LOG.warn(
              "no stream to the control plane at {}: {}; its authority may have changed: asking for"
                  + " a new bootstrap in {} ms, then with growing pauses; the last configuration"
                  + " stays",
              controlPlane,
              loss.reason(),
              retryMillis);
      case UNAUTHENTICATED ->
          LOG.warn(
              "the control plane at {} refuses this data plane: {}; trying again in {} ms, then"
                  + " with growing pauses, each time with the token as it is then; the last"
                  + " configuration stays",
              controlPlane,
              loss.reason(),
              retryMillis);
    }
  }

  void notBootstrapped(@Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    String reason = cause == null ? "no answer" : String.valueOf(cause.getMessage());
    if (!reason.equals(lastBootstrapFailure)) {
      lastBootstrapFailure = reason;
      LOG.warn("no new bootstrap: {}; the old one is used on", reason);
    }
  }

  void bug(Throwable failure) {
    LOG.error("the stream to the control plane has met a bug and goes on", failure);
  }
}
