package io.kumarun.devmesh.controlplane;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything one data plane is told at one moment. Each resource has a version, a hash of its
 * content; the version of endpoints also depends on their cluster, so that they are sent again
 * after it changed, which a warming cluster of Envoy waits for (contract §2.2). Immutable, any
 * thread.
 */
public final class Snapshot {

  /** A data plane without any resource. */
  public static final Snapshot EMPTY = new Snapshot(List.of(), Map.of());

  record Entry(Any resource, String version) {}

  private final Map<ResourceType, SortedMap<String, Message>> messages =
      new EnumMap<>(ResourceType.class);
  private final Map<ResourceType, SortedMap<String, Entry>> entries =
      new EnumMap<>(ResourceType.class);
  private final Map<ResourceType, String> versions = new EnumMap<>(ResourceType.class);
  private final Map<RawKey, Any> raw;

  private record RawKey(ResourceType type, String name) {}

  private Snapshot(Collection<? extends Message> resources, Map<RawKey, Any> raw) {
    this.raw = Map.copyOf(raw);
    for (ResourceType type : ResourceType.values()) {
      messages.put(type, new TreeMap<>());
      entries.put(type, new TreeMap<>());
    }
    for (Message resource : resources) {
      of(messages, ResourceType.of(resource)).put(ResourceType.nameOf(resource), resource);
    }
    for (ResourceType type : ResourceType.values()) {
      SortedMap<String, Entry> sorted = of(entries, type);
      of(messages, type).forEach((name, message) -> sorted.put(name, entry(type, name, message)));
      raw.forEach(
          (key, any) -> {
            if (key.type() == type) {
              sorted.put(key.name(), new Entry(any, hash(any.toByteArray())));
            }
          });
      StringBuilder all = new StringBuilder();
      sorted.forEach((name, entry) -> all.append(name).append('@').append(entry.version()));
      versions.put(
          type, sorted.isEmpty() ? "" : hash(all.toString().getBytes(StandardCharsets.UTF_8)));
    }
  }

  public static Snapshot of(Collection<? extends Message> resources) {
    return new Snapshot(resources, Map.of());
  }

  /** This snapshot with these resources added, or replaced where the name is known. */
  public Snapshot with(Message... changed) {
    TreeMap<String, Message> all = new TreeMap<>();
    resources().forEach(resource -> all.put(key(resource), resource));
    for (Message resource : changed) {
      all.put(key(resource), resource);
    }
    Map<RawKey, Any> left = new HashMap<>(raw);
    for (Message resource : changed) {
      left.remove(new RawKey(ResourceType.of(resource), ResourceType.nameOf(resource)));
    }
    return new Snapshot(all.values(), left);
  }

  /**
   * This snapshot with a resource that may be anything: of another type, of another name inside, or
   * no message at all. It hides one of that name until that is set anew or {@link #without} it.
   */
  public Snapshot withRaw(ResourceType type, String name, Any resource) {
    Map<RawKey, Any> more = new HashMap<>(raw);
    more.put(new RawKey(type, name), resource);
    return new Snapshot(resources(), more);
  }

  /** This snapshot without one resource. */
  public Snapshot without(ResourceType type, String name) {
    Map<RawKey, Any> left = new HashMap<>(raw);
    left.remove(new RawKey(type, name));
    return new Snapshot(
        resources().stream()
            .filter(r -> ResourceType.of(r) != type || !ResourceType.nameOf(r).equals(name))
            .toList(),
        left);
  }

  /** All resources: clusters, endpoints, secrets, listeners, each sorted by name. */
  public List<Message> resources() {
    return messages.values().stream().flatMap(sorted -> sorted.values().stream()).toList();
  }

  /** All resources of one type, sorted by name. */
  public <M extends Message> List<M> resources(Class<M> type) {
    return resources().stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** One resource, if it is there. */
  public <M extends Message> Optional<M> resource(Class<M> type, String name) {
    for (SortedMap<String, Message> sorted : messages.values()) {
      Message message = sorted.get(name);
      if (type.isInstance(message)) {
        return Optional.of(type.cast(message));
      }
    }
    return Optional.empty();
  }

  SortedMap<String, Entry> entries(ResourceType type) {
    return Collections.unmodifiableSortedMap(of(entries, type));
  }

  /** Version of a whole type, empty if there is nothing of it. */
  String version(ResourceType type) {
    return of(versions, type);
  }

  private Entry entry(ResourceType type, String name, Message message) {
    byte[] bytes = deterministic(message);
    String version = hash(bytes);
    if (type == ResourceType.ENDPOINT) {
      Entry cluster = of(entries, ResourceType.CLUSTER).get(name);
      if (cluster != null) {
        version = hash((version + cluster.version()).getBytes(StandardCharsets.UTF_8));
      }
    }
    Any any =
        Any.newBuilder().setTypeUrl(type.typeUrl()).setValue(ByteString.copyFrom(bytes)).build();
    return new Entry(any, version);
  }

  private static String key(Message resource) {
    return ResourceType.of(resource).ordinal() + "/" + ResourceType.nameOf(resource);
  }

  private static <V> V of(Map<ResourceType, V> map, ResourceType type) {
    V value = map.get(type);
    if (value == null) {
      throw new IllegalStateException("No " + type);
    }
    return value;
  }

  private static byte[] deterministic(Message message) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      message.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("An array cannot fail to be written to", e);
    }
    return bytes.toByteArray();
  }

  private static String hash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This JDK has no SHA-256", e);
    }
  }
}
