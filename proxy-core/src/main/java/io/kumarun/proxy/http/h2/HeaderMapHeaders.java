package io.kumarun.proxy.http.h2;

import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.netty.handler.codec.EmptyHeaders;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Shows a {@link HeaderMap} to Netty's HPACK codec, which adds to it when decoding and iterates
 * over it when encoding. It is its own iterator and entry, so a head costs one small object beside
 * its map; one iteration at a time.
 *
 * <p>Look-ups by name find nothing: Netty makes one for {@code content-length}, and that rule is
 * kept by {@link CodecStream}, which knows about HEAD.
 */
final class HeaderMapHeaders extends EmptyHeaders<CharSequence, CharSequence, Http2Headers>
    implements Http2Headers,
        Iterator<Map.Entry<CharSequence, CharSequence>>,
        Map.Entry<CharSequence, CharSequence> {
  private final HeaderMap map;
  private int next;

  HeaderMapHeaders(HeaderMap map) {
    this.map = map;
  }

  HeaderMap map() {
    return map;
  }

  @Override
  public Http2Headers add(CharSequence name, CharSequence value) {
    // HPACK decodes to AsciiString only
    map.add((AsciiString) name, (AsciiString) value);
    return this;
  }

  @Override
  public int size() {
    return map.size();
  }

  @Override
  public boolean isEmpty() {
    return map.size() == 0;
  }

  @Override
  public Iterator<Map.Entry<CharSequence, CharSequence>> iterator() {
    next = 0;
    return this;
  }

  @Override
  public boolean hasNext() {
    return next < map.size();
  }

  @Override
  public Map.Entry<CharSequence, CharSequence> next() {
    if (next >= map.size()) {
      throw new NoSuchElementException();
    }
    next++;
    return this;
  }

  @Override
  public CharSequence getKey() {
    return map.name(next - 1);
  }

  @Override
  public CharSequence getValue() {
    return map.value(next - 1);
  }

  @Override
  public CharSequence setValue(CharSequence value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public @Nullable CharSequence status() {
    return map.get(HeaderNames.STATUS);
  }

  @Override
  public @Nullable CharSequence method() {
    return map.method();
  }

  @Override
  public @Nullable CharSequence scheme() {
    return map.scheme();
  }

  @Override
  public @Nullable CharSequence authority() {
    return map.authority();
  }

  @Override
  public @Nullable CharSequence path() {
    return map.path();
  }

  @Override
  public Http2Headers method(CharSequence value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Http2Headers scheme(CharSequence value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Http2Headers authority(CharSequence value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Http2Headers path(CharSequence value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Http2Headers status(CharSequence value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Iterator<CharSequence> valueIterator(CharSequence name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean contains(CharSequence name, CharSequence value, boolean caseInsensitive) {
    throw new UnsupportedOperationException();
  }

  // Identity: Netty keeps these in queues, never in sets.
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  @Override
  public String toString() {
    // no values: they may be secrets
    return "HeaderMapHeaders[" + map.size() + " fields]";
  }
}
