package io.kumarun.tls;

import io.kumarun.tls.PeerRejectedException.Reason;
import io.netty.util.NetUtil;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The subject alternative names of a leaf (RFC 5280 section 4.2.1.6), in certificate order. */
record SubjectNames(List<String> uris, List<String> dnsNames, List<String> addresses) {
  private static final int TYPE_DNS = 2;
  private static final int TYPE_URI = 6;
  private static final int TYPE_IP = 7;
  private static final int MAX_SHOWN = 8;
  private static final int MAX_SHOWN_LENGTH = 300;

  static SubjectNames of(X509Certificate leaf) throws PeerRejectedException {
    List<String> uris = new ArrayList<>();
    List<String> dnsNames = new ArrayList<>();
    List<String> addresses = new ArrayList<>();
    Collection<List<?>> names;
    try {
      names = leaf.getSubjectAlternativeNames();
    } catch (CertificateParsingException | RuntimeException e) {
      throw new PeerRejectedException(
          Reason.UNREADABLE, "the subject alternative names of the peer's certificate are broken");
    }
    for (List<?> name : names == null ? List.<List<?>>of() : names) {
      if (name.get(0) instanceof Integer type && name.get(1) instanceof String value) {
        switch (type) {
          case TYPE_DNS -> dnsNames.add(value);
          case TYPE_URI -> uris.add(value);
          case TYPE_IP -> addresses.add(canonicalAddress(value));
          default -> {
            // No matcher exists for the other types.
          }
        }
      }
    }
    return new SubjectNames(List.copyOf(uris), List.copyOf(dnsNames), List.copyOf(addresses));
  }

  boolean accepts(SanMatcher matcher) {
    return switch (matcher.type()) {
      case URI -> uris.stream().anyMatch(matcher::accepts);
      case DNS -> dnsNames.stream().anyMatch(name -> acceptsDns(matcher, name));
      case IP_ADDRESS -> addresses.stream().anyMatch(name -> acceptsAddress(matcher, name));
    };
  }

  /** Envoy: an exact DNS matcher follows the rules of host names, the others compare text. */
  private static boolean acceptsDns(SanMatcher matcher, String name) {
    return matcher.match() == SanMatcher.Match.EXACT
        ? matchesHostName(matcher.value(), name)
        : matcher.accepts(name);
  }

  /** RFC 6125 section 6.4.3: one wildcard, in the left-most label, never in an A-label. */
  static boolean matchesHostName(String hostName, String pattern) {
    String host = hostName.toLowerCase(Locale.ROOT);
    String presented = pattern.toLowerCase(Locale.ROOT);
    if (host.equals(presented)) {
      return true;
    }
    int star = presented.indexOf('*');
    int presentedDot = presented.indexOf('.');
    int hostDot = host.indexOf('.');
    if (star < 0
        || presentedDot < star
        || hostDot <= 0
        || presented.indexOf('*', star + 1) >= 0
        || presented.startsWith("xn--")
        || (host.startsWith("xn--") && presentedDot > 1)
        || !presented.substring(presentedDot).equals(host.substring(hostDot))) {
      return false;
    }
    String label = host.substring(0, hostDot);
    return label.length() >= presentedDot - 1
        && label.startsWith(presented.substring(0, star))
        && label.endsWith(presented.substring(star + 1, presentedDot));
  }

  private static boolean acceptsAddress(SanMatcher matcher, String address) {
    return matcher.match() == SanMatcher.Match.EXACT
        ? address.equals(canonicalAddress(matcher.value()))
        : matcher.accepts(address);
  }

  /** The platform prints IPv6 in full, Envoy in the short form of RFC 5952. */
  private static String canonicalAddress(String text) {
    byte @Nullable [] bytes = NetUtil.createByteArrayFromIpAddressString(text);
    return bytes == null ? text : NetUtil.bytesToIpAddress(bytes);
  }

  /** For sentences: bounded, and without control characters, whatever the peer put in. */
  String shown() {
    List<String> all = new ArrayList<>(uris);
    dnsNames.forEach(name -> all.add("DNS " + name));
    addresses.forEach(address -> all.add("IP " + address));
    if (all.isEmpty()) {
      return "no name";
    }
    String more = all.size() > MAX_SHOWN ? " and " + (all.size() - MAX_SHOWN) + " more" : "";
    return String.join(
            ", ",
            all.subList(0, Math.min(MAX_SHOWN, all.size())).stream()
                .map(SubjectNames::printable)
                .toList())
        + more;
  }

  /** Peers choose these texts, and people read them in a terminal. */
  static String printable(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), MAX_SHOWN_LENGTH); i++) {
      char c = text.charAt(i);
      out.append(c >= ' ' && c < 127 ? c : '?');
    }
    return text.length() > MAX_SHOWN_LENGTH ? out.append("...").toString() : out.toString();
  }
}
