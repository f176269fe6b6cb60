package io.kumarun.proxy.http;

import static java.util.Objects.requireNonNull;

import io.netty.util.AsciiString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The header fields of one message in wire order: a flat list, because a message has few and each
 * is looked at more often than looked up. Names are lower case; pseudo-headers stand first. Not
 * thread safe: event loop only.
 *
 * <p>Look-up is a scan that compares cached hashes, so pass {@link HeaderNames} constants on the
 * hot path.
 */
public final class HeaderMap {
  private static final int INITIAL_FIELDS = 16;

  // name, value, name, value, …
  private @Nullable AsciiString[] fields;
  private int used;

  public HeaderMap() {
    this(INITIAL_FIELDS);
  }

  /**
   * @param expectedFields fields there is room for before the list grows
   */
  public HeaderMap(int expectedFields) {
    this.fields = new AsciiString[2 * Math.max(1, expectedFields)];
  }

  /** How many fields there are. */
  public int size() {
    return used >> 1;
  }

  /** The name of a field by position. */
  public AsciiString name(int index) {
    return field(2 * index);
  }

  /** The value of a field by position. */
  public AsciiString value(int index) {
    return field(2 * index + 1);
  }

  private AsciiString field(int at) {
    if (at >= used) {
      throw new IndexOutOfBoundsException("field " + (at >> 1) + " of " + size());
    }
    return requireNonNull(fields[at]);
  }

  /** Adds a field behind the others. */
  public HeaderMap add(AsciiString name, AsciiString value) {
    if (used == fields.length) {
      fields = Arrays.copyOf(fields, used * 2);
    }
    fields[used++] = name;
    fields[used++] = value;
    return this;
  }

  /** Adds a field behind the others. */
  public HeaderMap add(AsciiString name, CharSequence value) {
    return add(name, AsciiString.of(value));
  }

  /** Adds a field in front of the others: where a pseudo-header belongs. */
  public HeaderMap addFirst(AsciiString name, AsciiString value) {
    if (used == fields.length) {
      fields = Arrays.copyOf(fields, used * 2);
    }
    System.arraycopy(fields, 0, fields, 2, used);
    fields[0] = name;
    fields[1] = value;
    used += 2;
    return this;
  }

  /** Replaces the first field of that name and removes the others; adds one if there is none. */
  public HeaderMap set(AsciiString name, AsciiString value) {
    int first = indexOf(name, 0);
    if (first < 0) {
      return isPseudo(name) ? addFirst(name, value) : add(name, value);
    }
    fields[2 * first + 1] = value;
    removeFrom(name, first + 1);
    return this;
  }

  /** Replaces the first field of that name and removes the others; adds one if there is none. */
  public HeaderMap set(AsciiString name, CharSequence value) {
    return set(name, AsciiString.of(value));
  }

  /** The value of the first field of that name, or null. */
  public @Nullable AsciiString get(AsciiString name) {
    int index = indexOf(name, 0);
    return index < 0 ? null : fields[2 * index + 1];
  }

  /**
   * As {@link #get(AsciiString)}, for a name that is at hand as text only; neither copies nor
   * hashes it.
   *
   * @param name lower case
   */
  public @Nullable AsciiString get(String name) {
    int length = name.length();
    for (int i = 0; i < used; i += 2) {
      AsciiString candidate = fields[i];
      if (candidate != null && candidate.length() == length && candidate.contentEquals(name)) {
        return fields[i + 1];
      }
    }
    return null;
  }

  public boolean contains(AsciiString name) {
    return indexOf(name, 0) >= 0;
  }

  /** The position of the next field of that name at or after {@code from}, or -1. */
  public int indexOf(AsciiString name, int from) {
    int hash = name.hashCode();
    for (int i = 2 * from; i < used; i += 2) {
      AsciiString candidate = fields[i];
      if (candidate == name
          || (candidate != null && candidate.hashCode() == hash && candidate.equals(name))) {
        return i >> 1;
      }
    }
    return -1;
  }

  /** Removes every field of that name. */
  public boolean remove(AsciiString name) {
    return removeFrom(name, 0);
  }

  private boolean removeFrom(AsciiString name, int from) {
    int first = indexOf(name, from);
    if (first < 0) {
      return false;
    }
    int hash = name.hashCode();
    int kept = 2 * first;
    for (int i = kept; i < used; i += 2) {
      AsciiString candidate = requireNonNull(fields[i]);
      if (candidate.hashCode() == hash && candidate.equals(name)) {
        continue;
      }
      fields[kept] = candidate;
      fields[kept + 1] = fields[i + 1];
      kept += 2;
    }
    Arrays.fill(fields, kept, used, null);
    used = kept;
    return true;
  }

  /** Removes the field at a position. */
  public void removeAt(int index) {
    field(2 * index);
    System.arraycopy(fields, 2 * index + 2, fields, 2 * index, used - 2 * index - 2);
    used -= 2;
    fields[used] = null;
    fields[used + 1] = null;
  }

  /** Bytes of names and values, for limits. */
  public int byteSize() {
    int sum = 0;
    for (int i = 0; i < used; i++) {
      sum += requireNonNull(fields[i]).length();
    }
    return sum;
  }

  /** Whether a name is a pseudo-header's. */
  public static boolean isPseudo(AsciiString name) {
    return !name.isEmpty() && name.byteAt(0) == ':';
  }

  public @Nullable AsciiString method() {
    return get(HeaderNames.METHOD);
  }

  public @Nullable AsciiString path() {
    return get(HeaderNames.PATH);
  }

  public @Nullable AsciiString authority() {
    return get(HeaderNames.AUTHORITY);
  }

  public @Nullable AsciiString scheme() {
    return get(HeaderNames.SCHEME);
  }

  /** The numeric {@code :status}, or 0 where there is none. */
  public int status() {
    AsciiString status = get(HeaderNames.STATUS);
    return status == null ? 0 : status.parseInt();
  }

  /** An independent copy of the list; the strings are shared. */
  public HeaderMap copy() {
    HeaderMap copy = new HeaderMap(Math.max(1, size()));
    System.arraycopy(fields, 0, copy.fields, 0, used);
    copy.used = used;
    return copy;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < size(); i++) {
      text.append(name(i)).append(": ").append(value(i)).append('\n');
    }
    return text.toString();
  }
}
