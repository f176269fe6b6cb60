package io.kumarun.tls;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Contexts by settings. Equality of settings reads whole certificates, so a connection finds its
 * context by the identity of the settings object first, which stays the same between two
 * configurations. Any thread; event loops read without a lock.
 */
final class ContextCache<K> {
  /**
   * The short cut is only a short cut: a caller that makes settings anew each time cannot grow it.
   */
  private static final int MAX_IDENTITIES = 4096;

  private final ConcurrentHashMap<Identity, TlsContext> byIdentity = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<K, TlsContext> byEquality = new ConcurrentHashMap<>();
  private final Function<K, TlsContext> builder;

  ContextCache(Function<K, TlsContext> builder) {
    this.builder = builder;
  }

  private record Identity(Object settings) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Identity that && settings == that.settings;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(settings);
    }
  }

  TlsContext get(K settings) {
    Identity identity = new Identity(settings);
    TlsContext context = byIdentity.get(identity);
    if (context != null) {
      return context;
    }
    context = byEquality.computeIfAbsent(settings, builder);
    if (byIdentity.size() >= MAX_IDENTITIES) {
      byIdentity.clear();
    }
    byIdentity.put(identity, context);
    return context;
  }

  /** A new context in place of one that was let go. */
  TlsContext replace(K settings, TlsContext dead) {
    byIdentity.remove(new Identity(settings), dead);
    byEquality.remove(settings, dead);
    return get(settings);
  }

  void retainOnly(Set<K> named) {
    byEquality.forEach(
        (settings, context) -> {
          if (!named.contains(settings) && byEquality.remove(settings, context)) {
            context.release();
          }
        });
    byIdentity.clear();
  }

  @Nullable TlsContext peek(K settings) {
    return byEquality.get(settings);
  }
}
