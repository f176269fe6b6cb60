package io.kumarun.devmesh;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.kumarun.devmesh.authority.IssuedCertificate;
import io.kumarun.devmesh.authority.MeshAuthority;
import io.kumarun.devmesh.scenario.Dataplane;
import io.kumarun.devmesh.scenario.Scenario.Identity;
import io.kumarun.devmesh.scenario.Topology;
import java.util.ArrayList;
import java.util.List;

/** Secrets under Kuma's names: who a data plane is, and whom it trusts (contract §2.6). */
final class MeshSecrets {

  private final Topology topology;
  private final Identity identity;

  MeshSecrets(Topology topology, Identity identity) {
    this.topology = topology;
    this.identity = identity;
  }

  /** The SPIFFE id of a data plane. */
  String spiffeId(Dataplane dataplane) {
    return identity == Identity.MESH_IDENTITY
        ? "spiffe://" + topology.trustDomain() + "/workload/" + dataplane.workload()
        : "spiffe://" + topology.mesh() + "/" + dataplane.service();
  }

  /** All URI SANs of its certificate. */
  List<String> names(Dataplane dataplane) {
    List<String> names = new ArrayList<>();
    names.add(spiffeId(dataplane));
    if (identity == Identity.LEGACY) {
      names.add("kuma://kuma.io/protocol/" + DataplaneDocument.protocol(dataplane));
      names.add("kuma://kuma.io/service/" + dataplane.service());
      names.add("kuma://kuma.io/zone/" + topology.zone());
    }
    return names;
  }

  Secret certificate(IssuedCertificate certificate) {
    String name =
        identity == Identity.MESH_IDENTITY
            ? "kri_mid_" + topology.mesh() + "_" + topology.zone() + "__identity_"
            : "identity_cert:secret:" + topology.mesh();
    return Secret.newBuilder()
        .setName(name)
        .setTlsCertificate(
            TlsCertificate.newBuilder()
                .setCertificateChain(inline(certificate.certificateChainPem()))
                .setPrivateKey(inline(certificate.privateKeyPem())))
        .build();
  }

  Message trust(List<MeshAuthority> authorities) {
    CertificateValidationContext.Builder context = CertificateValidationContext.newBuilder();
    if (identity == Identity.LEGACY) {
      context.setTrustedCa(inline(authorities.getFirst().bundlePem()));
      return Secret.newBuilder()
          .setName("mesh_ca:secret:" + topology.mesh())
          .setValidationContext(context)
          .build();
    }
    SPIFFECertValidatorConfig.Builder domains = SPIFFECertValidatorConfig.newBuilder();
    for (MeshAuthority authority : authorities) {
      domains
          .addTrustDomainsBuilder()
          .setName(authority.trustDomain())
          .setTrustBundle(inline(authority.bundlePem()));
    }
    context.setCustomValidatorConfig(
        TypedExtensionConfig.newBuilder()
            .setName("envoy.tls.cert_validator.spiffe")
            .setTypedConfig(Any.pack(domains.build())));
    return Secret.newBuilder().setName("system_trust_bundle").setValidationContext(context).build();
  }

  private static DataSource inline(String pem) {
    return DataSource.newBuilder().setInlineBytes(ByteString.copyFromUtf8(pem)).build();
  }
}
