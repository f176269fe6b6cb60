package io.kumarun.kuma.translate;

import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext.TrustChainVerification;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.kumarun.kuma.translate.TranslatedSecret.Content.Validation;
import io.kumarun.tls.SanMatcher;
import io.kumarun.tls.TrustBundle;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code CertificateValidationContext}: authorities and accepted names (contract §2.5, §2.6). Every
 * field that narrows what is accepted is either translated or refused.
 */
final class ValidationTranslator {
  private ValidationTranslator() {}

  static Validation translate(CertificateValidationContext context, FieldPath path) {
    path.known(context);
    path.refuse(context.getVerifyCertificateSpkiCount() > 0, "verify_certificate_spki");
    path.refuse(context.getVerifyCertificateHashCount() > 0, "verify_certificate_hash");
    path.refuse(context.hasCrl(), "crl");
    path.refuse(context.hasCaCertificateProviderInstance(), "ca_certificate_provider_instance");
    path.refuse(context.hasSystemRootCerts(), "system_root_certs");
    path.refuse(context.hasWatchedDirectory(), "watched_directory");
    path.refuse(context.hasMaxVerifyDepth(), "max_verify_depth");
    path.refuse(
        context.hasRequireSignedCertificateTimestamp(), "require_signed_certificate_timestamp");
    path.refuse(context.getAllowExpiredCertificate(), "allow_expired_certificate");
    path.refuse(legacyNames(context) > 0, "match_subject_alt_names");
    path.refuse(
        context.getTrustChainVerification() != TrustChainVerification.VERIFY_TRUST_CHAIN,
        "trust_chain_verification");
    List<SanMatcher> accepted = new ArrayList<>();
    for (int i = 0; i < context.getMatchTypedSubjectAltNamesCount(); i++) {
      accepted.add(
          san(
              context.getMatchTypedSubjectAltNames(i),
              path.at("match_typed_subject_alt_names", i)));
    }
    return new Validation(trust(context, path), accepted);
  }

  @SuppressWarnings("deprecation")
  private static int legacyNames(CertificateValidationContext context) {
    return context.getMatchSubjectAltNamesCount();
  }

  private static @Nullable TrustBundle trust(CertificateValidationContext context, FieldPath path) {
    if (context.hasCustomValidatorConfig()) {
      FieldPath at = path.at("custom_validator_config");
      var config = context.getCustomValidatorConfig().getTypedConfig();
      if (!config.is(SPIFFECertValidatorConfig.class)) {
        throw at.rejected(FieldPath.typeName(config), "envoy.tls.cert_validator.spiffe");
      }
      return spiffe(at.known(at.unpack(config, SPIFFECertValidatorConfig.class)), at);
    }
    if (!context.hasTrustedCa()) {
      return null;
    }
    List<X509Certificate> roots =
        PemReader.authorities(context.getTrustedCa(), path.at("trusted_ca"));
    return roots.isEmpty() ? null : new TrustBundle.Authorities(roots);
  }

  private static TrustBundle spiffe(SPIFFECertValidatorConfig config, FieldPath path) {
    path.refuse(config.hasTrustBundles(), "trust_bundles");
    Map<String, List<X509Certificate>> roots = new HashMap<>();
    for (int i = 0; i < config.getTrustDomainsCount(); i++) {
      SPIFFECertValidatorConfig.TrustDomain domain = config.getTrustDomains(i);
      FieldPath at = path.at("trust_domains", i);
      List<X509Certificate> bundle =
          PemReader.authorities(domain.getTrustBundle(), at.at("trust_bundle"));
      if (domain.getName().isEmpty() || roots.put(domain.getName(), List.copyOf(bundle)) != null) {
        throw at.at("name").rejected(domain.getName(), "a trust domain, once");
      }
    }
    return new TrustBundle.SpiffeBundles(roots);
  }

  private static SanMatcher san(SubjectAltNameMatcher source, FieldPath path) {
    SanMatcher.SanType type =
        switch (source.getSanType()) {
          case URI -> SanMatcher.SanType.URI;
          case DNS -> SanMatcher.SanType.DNS;
          case IP_ADDRESS -> SanMatcher.SanType.IP_ADDRESS;
          case EMAIL, OTHER_NAME, SAN_TYPE_UNSPECIFIED, UNRECOGNIZED ->
              throw path.at("san_type").rejected(source.getSanType(), "URI, DNS or IP_ADDRESS");
        };
    StringMatcher matcher = source.getMatcher();
    FieldPath at = path.at("matcher");
    at.refuse(matcher.getIgnoreCase(), "ignore_case");
    return switch (matcher.getMatchPatternCase()) {
      case EXACT -> new SanMatcher(type, SanMatcher.Match.EXACT, matcher.getExact());
      case PREFIX -> new SanMatcher(type, SanMatcher.Match.PREFIX, matcher.getPrefix());
      case SUFFIX -> new SanMatcher(type, SanMatcher.Match.SUFFIX, matcher.getSuffix());
      case CONTAINS -> new SanMatcher(type, SanMatcher.Match.CONTAINS, matcher.getContains());
      case SAFE_REGEX, CUSTOM, MATCHPATTERN_NOT_SET ->
          throw at.rejected(matcher.getMatchPatternCase(), "exact, prefix, suffix or contains");
    };
  }
}
