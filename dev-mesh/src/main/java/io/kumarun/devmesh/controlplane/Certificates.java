package io.kumarun.devmesh.controlplane;

import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.kumarun.devmesh.authority.Validity;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Issues a certificate to each stream, and another one after 4/5 of its lifetime (live notes §6). A
 * secret that somebody put in the place of an issued one stays. Any thread.
 */
final class Certificates {

  private static final class Issuance {
    final Function<Validity, Secret> issuer;
    Secret last;
    boolean unused = true;
    Runnable renewal = () -> {};

    Issuance(Function<Validity, Secret> issuer, Secret first) {
      this.issuer = issuer;
      this.last = first;
    }
  }

  private final Registrations registrations;
  private final Timers timers;
  private final Duration lifetime;
  private final Consumer<String> changed;
  private final Map<String, Issuance> issuances = new HashMap<>();

  /**
   * @param changed is told the node whose secret was issued again during its stream
   */
  Certificates(
      Registrations registrations, Timers timers, Duration lifetime, Consumer<String> changed) {
    this.registrations = registrations;
    this.timers = timers;
    this.lifetime = lifetime;
    this.changed = changed;
  }

  /**
   * From now on this issues the certificate of a data plane.
   *
   * @return the first one, for its next stream
   */
  synchronized Secret issueBy(String nodeId, Function<Validity, Secret> issuer) {
    Secret first = issuer.apply(validity());
    Issuance issuance = new Issuance(issuer, first);
    Issuance previous = issuances.put(nodeId, issuance);
    if (previous != null) {
      previous.renewal.run();
      if (!previous.unused) {
        issuance.unused = false;
        renewLater(nodeId, issuance);
      }
    }
    return first;
  }

  /** No certificates for this data plane. */
  synchronized void stop(String nodeId) {
    Issuance issuance = issuances.remove(nodeId);
    if (issuance != null) {
      issuance.renewal.run();
    }
  }

  /** A stream of a data plane begins. */
  synchronized void begin(String nodeId) {
    Issuance issuance = issuances.get(nodeId);
    if (issuance == null) {
      return;
    }
    if (issuance.unused) {
      issuance.unused = false;
    } else {
      issue(nodeId, issuance);
    }
    renewLater(nodeId, issuance);
  }

  /** The stream of a data plane is over. */
  synchronized void end(String nodeId) {
    Issuance issuance = issuances.get(nodeId);
    if (issuance != null) {
      issuance.renewal.run();
    }
  }

  private void renewLater(String nodeId, Issuance issuance) {
    issuance.renewal.run();
    issuance.renewal =
        timers.after(lifetime.multipliedBy(4).dividedBy(5), () -> renew(nodeId, issuance));
  }

  private void renew(String nodeId, Issuance issuance) {
    synchronized (this) {
      if (issuances.get(nodeId) != issuance) {
        return;
      }
      issue(nodeId, issuance);
      renewLater(nodeId, issuance);
    }
    changed.accept(nodeId);
  }

  private void issue(String nodeId, Issuance issuance) {
    Secret last = issuance.last;
    Secret next = issuance.issuer.apply(validity());
    registrations.edit(
        nodeId,
        snapshot -> {
          @Nullable Secret present = snapshot.resource(Secret.class, last.getName()).orElse(null);
          return last.equals(present) ? snapshot.with(next) : snapshot;
        });
    issuance.last = next;
  }

  private Validity validity() {
    return Validity.lasting(timers.now(), lifetime);
  }
}
