package io.kumarun.kuma.translate;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.kumarun.kuma.translate.TranslatedSecret.Content.Validation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code envoy.transport_sockets.tls}, both sides (contract §2.5). */
final class TransportSocketTranslator {
  private static final Validation NOTHING_INLINE = new Validation(null, List.of());

  private TransportSocketTranslator() {}

  /** Null: cleartext, because the configuration says so. */
  static @Nullable DownstreamTls downstream(TransportSocket socket, FieldPath path) {
    Any config = socket.getTypedConfig();
    if (config.is(RawBuffer.class)) {
      return null;
    }
    if (!config.is(DownstreamTlsContext.class)) {
      throw unknownSocket(socket, path);
    }
    DownstreamTlsContext context = path.known(path.unpack(config, DownstreamTlsContext.class));
    path.refuse(context.getRequireSni().getValue(), "require_sni");
    FieldPath at = path.at("common_tls_context");
    CommonTlsContext common = context.getCommonTlsContext();
    CertificateSource certificate = certificate(common, at);
    if (certificate == null) {
      throw at.rejected("names no certificate to serve");
    }
    ValidationSource validation = validation(common, at);
    boolean required = context.getRequireClientCertificate().getValue();
    if (required && validation == null) {
      throw at.rejected(
          "require_client_certificate without a validation context would accept any certificate");
    }
    return new DownstreamTls(
        certificate,
        validation,
        required,
        List.copyOf(common.getAlpnProtocolsList()),
        TlsParametersTranslator.downstream(common, at));
  }

  /** Null: cleartext, because the configuration says so. */
  static @Nullable UpstreamTls upstream(TransportSocket socket, FieldPath path) {
    Any config = socket.getTypedConfig();
    if (config.is(RawBuffer.class)) {
      return null;
    }
    if (!config.is(UpstreamTlsContext.class)) {
      throw unknownSocket(socket, path);
    }
    UpstreamTlsContext context = path.known(path.unpack(config, UpstreamTlsContext.class));
    path.refuse(context.getAutoHostSni(), "auto_host_sni");
    path.refuse(context.getAutoSniSanValidation(), "auto_sni_san_validation");
    FieldPath at = path.at("common_tls_context");
    CommonTlsContext common = context.getCommonTlsContext();
    ValidationSource validation = validation(common, at);
    if (validation == null) {
      path.note("has no validation context: any server certificate is accepted");
    }
    return new UpstreamTls(
        certificate(common, at),
        validation,
        context.getSni(),
        List.copyOf(common.getAlpnProtocolsList()),
        TlsParametersTranslator.upstream(common, at));
  }

  private static ResourceRejectedException unknownSocket(TransportSocket socket, FieldPath path) {
    return path.rejected(
        socket.getName() + " (" + FieldPath.typeName(socket.getTypedConfig()) + ")",
        "envoy.transport_sockets.tls or envoy.transport_sockets.raw_buffer");
  }

  private static @Nullable CertificateSource certificate(CommonTlsContext common, FieldPath path) {
    path.refuse(common.hasTlsCertificateProviderInstance(), "tls_certificate_provider_instance");
    path.refuse(common.hasCustomTlsCertificateSelector(), "custom_tls_certificate_selector");
    path.refuse(common.hasCustomHandshaker(), "custom_handshaker");
    int count = common.getTlsCertificatesCount() + common.getTlsCertificateSdsSecretConfigsCount();
    if (count > 1) {
      path.note("only the first of several certificates is used");
    }
    if (common.getTlsCertificatesCount() > 0) {
      FieldPath at = path.at("tls_certificates", 0);
      return new CertificateSource.Inline(
          SecretTranslator.certificate("inline", common.getTlsCertificates(0), at));
    }
    return common.getTlsCertificateSdsSecretConfigsCount() == 0
        ? null
        : new CertificateSource.Secret(
            secretName(
                common.getTlsCertificateSdsSecretConfigs(0),
                path.at("tls_certificate_sds_secret_configs", 0)));
  }

  private static @Nullable ValidationSource validation(CommonTlsContext common, FieldPath path) {
    return switch (common.getValidationContextTypeCase()) {
      case VALIDATION_CONTEXT -> inline(common, path.at("validation_context"));
      case VALIDATION_CONTEXT_SDS_SECRET_CONFIG ->
          new ValidationSource(
              secretName(
                  common.getValidationContextSdsSecretConfig(),
                  path.at("validation_context_sds_secret_config")),
              NOTHING_INLINE);
      case COMBINED_VALIDATION_CONTEXT ->
          combined(common.getCombinedValidationContext(), path.at("combined_validation_context"));
      case VALIDATIONCONTEXTTYPE_NOT_SET -> null;
      case VALIDATION_CONTEXT_CERTIFICATE_PROVIDER,
          VALIDATION_CONTEXT_CERTIFICATE_PROVIDER_INSTANCE ->
          throw path.rejected(
              common.getValidationContextTypeCase(), "an inline or an SDS validation context");
    };
  }

  private static ValidationSource inline(CommonTlsContext common, FieldPath path) {
    Validation validation = ValidationTranslator.translate(common.getValidationContext(), path);
    if (validation.trust() == null) {
      throw path.rejected("names no authorities");
    }
    return new ValidationSource(null, validation);
  }

  private static ValidationSource combined(
      CombinedCertificateValidationContext source, FieldPath path) {
    return new ValidationSource(
        secretName(
            source.getValidationContextSdsSecretConfig(),
            path.at("validation_context_sds_secret_config")),
        ValidationTranslator.translate(
            source.getDefaultValidationContext(), path.at("default_validation_context")));
  }

  private static String secretName(SdsSecretConfig config, FieldPath path) {
    if (config.getName().isEmpty()) {
      throw path.at("name").rejected("is empty");
    }
    if (!config.getSdsConfig().hasAds()) {
      throw path.at("sds_config")
          .rejected(config.getSdsConfig().getConfigSourceSpecifierCase(), "ads");
    }
    return config.getName();
  }
}
