package io.kumarun.kuma.inspect;

import io.envoyproxy.envoy.admin.v3.ListenerStatus;
import io.envoyproxy.envoy.admin.v3.Listeners;
import io.kumarun.proxy.config.ListenerConfig;
import java.io.IOException;
import java.util.TreeMap;

/** Envoy's {@code /listeners}: the listeners in use and their addresses. Any thread. */
public final class ListenerPages {
  private ListenerPages() {}

  /** A line per listener: {@code name::10.0.0.1:80}. */
  public static void text(Inventory inventory, Appendable out) throws IOException {
    for (ListenerConfig listener : new TreeMap<>(inventory.inUse().listeners()).values()) {
      out.append(Plain.text(listener.name()))
          .append("::")
          .append(Plain.text(listener.address().toString()))
          .append('\n');
    }
  }

  /** JSON of an {@code envoy.admin.v3.Listeners}. */
  public static void json(Inventory inventory, Appendable out) throws IOException {
    Listeners.Builder listeners = Listeners.newBuilder();
    for (ListenerConfig listener : new TreeMap<>(inventory.inUse().listeners()).values()) {
      listeners.addListenerStatuses(
          ListenerStatus.newBuilder()
              .setName(listener.name())
              .setLocalAddress(Messages.address(listener.address())));
    }
    KnownTypes.printer().appendTo(listeners, out);
    out.append('\n');
  }
}
