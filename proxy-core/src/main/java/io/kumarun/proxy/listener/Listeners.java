package io.kumarun.proxy.listener;

import io.kumarun.proxy.cluster.SocketTypes;
import io.kumarun.proxy.config.Address;
import io.kumarun.proxy.config.ListenerConfig;
import io.kumarun.proxy.exchange.ExchangeServices;
import io.kumarun.telemetry.ProxyMetrics;
import io.kumarun.tls.TlsContexts;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All listeners. A bound socket belongs to its address, not to the listener's name: a listener that
 * comes back under another name takes over the socket, and nobody is refused meanwhile. A listener
 * whose address is not one of this host's is virtual: never bound, fed by {@link #accept} only.
 * Methods are called by one thread at a time, but for {@link #accept}.
 */
public final class Listeners {
  private static final Logger log = LoggerFactory.getLogger(Listeners.class);

  private final EventLoopGroup group;
  private final SocketTypes sockets;
  private final ProxyMetrics metrics;
  private final ConnectionAcceptor acceptor;
  private final Duration drainTime;
  private final Map<Address, BoundSocket> bound = new HashMap<>();
  private final VirtualListeners virtual;
  private boolean inboundDrains;
  private boolean closing;

  /**
   * @param drainTime how long connections of replaced chains may go on
   */
  public Listeners(
      EventLoopGroup group,
      SocketTypes sockets,
      ExchangeServices services,
      TlsContexts tlsContexts,
      InstantSource clock,
      ProxyMetrics metrics,
      Duration drainTime) {
    this.group = group;
    this.sockets = sockets;
    this.metrics = metrics;
    this.drainTime = drainTime;
    this.virtual = new VirtualListeners(metrics, drainTime);
    this.acceptor = new ConnectionAcceptor(services, tlsContexts, clock);
  }

  /**
   * Puts a new set of listeners in place of the old one.
   *
   * @return what could not be served, for people; empty if everything is
   */
  public List<String> apply(Map<String, ListenerConfig> configs) {
    List<String> problems = new ArrayList<>();
    Map<Address, ListenerConfig> wanted = new HashMap<>();
    Map<String, ListenerConfig> unbound = new HashMap<>();
    for (ListenerConfig config : configs.values()) {
      if (isVirtual(config)) {
        unbound.put(config.name(), config);
        continue;
      }
      ListenerConfig other = wanted.putIfAbsent(config.address(), config);
      if (other != null) {
        problems.add(
            "listener "
                + config.name()
                + ": address "
                + config.address()
                + " is taken by listener "
                + other.name()
                + "; give one of them another port");
      }
    }
    List<ListenerConfig> again = new ArrayList<>();
    for (ListenerConfig config : wanted.values()) {
      if (!put(config, problems)) {
        again.add(config);
      }
    }
    closeAllBut(wanted);
    // An address may have been taken by a listener that is gone now (0.0.0.0 and 127.0.0.1).
    again.forEach(config -> bind(config, problems));
    unbound.values().forEach(this::sayOnce);
    virtual.apply(unbound, problems);
    if (closing) {
      closeConnections();
    } else if (inboundDrains) {
      drainInbound();
    }
    return problems;
  }

  /** A socket that is bound stays, even if its address leaves this host: it may come back. */
  private boolean isVirtual(ListenerConfig config) {
    return switch (config.address()) {
      case Address.Pipe pipe -> true;
      case Address.Socket socket ->
          !config.bindToPort() || !(bound.containsKey(socket) || HostAddresses.has(socket.host()));
    };
  }

  /** Why a listener that asks for a socket has none. */
  private void sayOnce(ListenerConfig config) {
    ActiveListener before = virtual.get(config.name());
    boolean said =
        before != null
            && before.config().bindToPort()
            && before.config().address().equals(config.address());
    if (!said
        && config.bindToPort()
        && config.address() instanceof Address.Socket(String host, _)) {
      log.info(
          "listener {} is virtual: its address {} is not one of this host's; it is not bound",
          config.name(),
          host);
    }
  }

  /** False: the address could not be bound. */
  private boolean put(ListenerConfig config, List<String> problems) {
    BoundSocket socket = bound.get(config.address());
    ActiveListener before = socket == null ? null : socket.listener();
    if (socket == null) {
      return bind(config, new ArrayList<>());
    }
    if (before != null && before.config().equals(config)) {
      return true;
    }
    ActiveListener after;
    try {
      after = ActiveListener.compile(config, before, metrics);
    } catch (IllegalArgumentException e) {
      problems.add("listener " + config.name() + ": " + e.getMessage());
      return true;
    }
    socket.replace(after);
    if (before != null) {
      before.drainReplaced(after, drainTime);
    }
    return true;
  }

  private boolean bind(ListenerConfig config, List<String> problems) {
    try {
      ActiveListener first = ActiveListener.compile(config, null, metrics);
      Address.Socket address = (Address.Socket) config.address();
      bound.put(address, BoundSocket.bind(address, first, group, sockets, acceptor));
      log.info("listener {} on {}", config.name(), config.address());
      return true;
    } catch (BindFailedException | IllegalArgumentException e) {
      problems.add(
          "listener "
              + config.name()
              + " cannot be served on "
              + config.address()
              + ": "
              + e.getMessage());
      return false;
    }
  }

  private void closeAllBut(Map<Address, ListenerConfig> wanted) {
    bound
        .entrySet()
        .removeIf(
            entry -> {
              if (wanted.containsKey(entry.getKey())) {
                return false;
              }
              BoundSocket socket = entry.getValue();
              socket.close();
              socket.listener().drainReplaced(null, drainTime);
              log.info("listener {} is gone", socket.listener().config().name());
              return true;
            });
  }

  /**
   * Hands a connection to a listener that is not bound. Any thread.
   *
   * @param channel registered with an event loop of this data plane, not yet read from
   * @return false if there is no such listener
   */
  public boolean accept(String listener, Channel channel) {
    ActiveListener active = virtual.get(listener);
    if (active == null) {
      return false;
    }
    acceptor.accept(channel, active);
    return true;
  }

  /**
   * Asks the connections of all but outbound listeners to end, those as well that still come: peers
   * that have not heard yet that this proxy goes away are served, and told by the first response.
   */
  public void drainInbound() {
    inboundDrains = true;
    for (ActiveListener listener : all()) {
      if (listener.config().direction() != ListenerConfig.Direction.OUTBOUND) {
        listener.askConnectionsToEnd();
      }
    }
  }

  /** Closes all connections, those as well that still come. */
  public void closeConnections() {
    closing = true;
    for (ActiveListener listener : all()) {
      listener.drainReplaced(null, Duration.ZERO);
    }
  }

  private List<ActiveListener> all() {
    List<ActiveListener> all = new ArrayList<>(virtual.all());
    for (BoundSocket socket : bound.values()) {
      all.add(socket.listener());
    }
    return all;
  }

  /** Names of the listeners that have no socket, whether they asked for one or not. */
  public Set<String> virtual() {
    return virtual.all().stream()
        .map(listener -> listener.config().name())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Connections on the current chains of all listeners. */
  public int openConnections() {
    int open = 0;
    for (ActiveListener listener : all()) {
      open += listener.openConnections();
    }
    return open;
  }
}
