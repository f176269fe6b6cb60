package io.kumarun.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.security.spec.RSAPrivateKeySpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PemSecretsTest {
  private static final TestAuthority CA = TestAuthority.root("root");

  static byte[] recorded(String name) {
    try (var in = PemSecretsTest.class.getResourceAsStream("/recorded/" + name)) {
      assertThat(in).as(name).isNotNull();
      return in.readAllBytes();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static byte[] pem(Object... objects) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      for (Object object : objects) {
        writer.writeObject(object);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return text.toString().getBytes(US_ASCII);
  }

  static byte[] keyPem(PrivateKey key) {
    return block("PRIVATE KEY", key.getEncoded());
  }

  /** As openssl and Go write it: with the curve inside, which the platform leaves out. */
  private static byte[] sec1(KeyPair pair) throws IOException {
    ECPrivateKey key = (ECPrivateKey) pair.getPrivate();
    return block(
        "EC PRIVATE KEY",
        new org.bouncycastle.asn1.sec.ECPrivateKey(256, key.getS(), SECObjectIdentifiers.secp256r1)
            .getEncoded());
  }

  private static byte[] block(String label, byte[] der) {
    return pem(new PemObject(label, der));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mesh-mtls", "mesh-identity"})
  void reads_the_secrets_a_control_plane_sent(String recording) throws Exception {
    TlsCertificate certificate =
        PemSecrets.certificate(
            "identity", recorded(recording + "-chain.pem"), recorded(recording + "-key.pem"));

    assertThat(certificate.name()).isEqualTo("identity");
    assertThat(certificate.chain()).hasSize(1);
    assertThat(certificate.privateKey().getAlgorithm()).isEqualTo("RSA");
  }

  @ParameterizedTest
  @CsvSource({"RSA,PKCS1", "EC,SEC1", "RSA,PKCS8", "EC,PKCS8", "Ed25519,PKCS8"})
  void reads_each_encoding_of_a_private_key(String algorithm, String encoding) throws Exception {
    KeyPair pair = TestAuthority.newKey(algorithm);
    TlsCertificate leaf = CA.leaf(r -> r.uris("spiffe://d/a").key(pair));
    byte[] key =
        switch (encoding) {
          case "PKCS1" -> pem(pair.getPrivate());
          case "SEC1" -> sec1(pair);
          default -> keyPem(pair.getPrivate());
        };
    assertThat(new String(key, US_ASCII))
        .startsWith(
            switch (encoding) {
              case "PKCS1" -> "-----BEGIN RSA PRIVATE KEY";
              case "SEC1" -> "-----BEGIN EC PRIVATE KEY";
              default -> "-----BEGIN PRIVATE KEY";
            });

    TlsCertificate read = PemSecrets.certificate("s", pem(leaf.leaf()), key);

    assertThat(read.leaf()).isEqualTo(leaf.leaf());
    assertThat(read.privateKey().getAlgorithm()).isEqualTo(pair.getPrivate().getAlgorithm());
    PrivateKeys.requireSamePair("s", leaf.leaf(), read.privateKey());
  }

  @Test
  void reads_a_chain_in_order_and_a_bundle_of_several() throws Exception {
    TestAuthority middle = CA.intermediate("middle");
    TlsCertificate leaf = middle.leaf("spiffe://d/a");

    assertThat(leaf.chain()).hasSize(2);
    assertThat(
            PemSecrets.certificate("s", pem(leaf.chain().toArray()), keyPem(leaf.privateKey()))
                .chain())
        .isEqualTo(leaf.chain());
    assertThat(PemSecrets.authorities("s", pem(leaf.chain().toArray()))).isEqualTo(leaf.chain());
  }

  @Test
  void refuses_a_key_of_another_certificate() {
    TlsCertificate one = CA.leaf("spiffe://d/a");
    TlsCertificate two = CA.leaf("spiffe://d/b");

    assertThatExceptionOfType(InvalidSecretException.class)
        .isThrownBy(() -> PemSecrets.certificate("s1", pem(one.leaf()), keyPem(two.privateKey())))
        .withMessageContaining("secret s1")
        .withMessageContaining("does not belong to its first certificate");
  }

  @Test
  void a_key_belongs_to_its_own_public_key_only() {
    Map<String, KeyPair> pairs = new HashMap<>();
    for (String algorithm : List.of("RSA", "EC", "Ed25519")) {
      pairs.put(algorithm, TestAuthority.newKey(algorithm));
      pairs.put("another " + algorithm, TestAuthority.newKey(algorithm));
    }

    pairs.forEach(
        (of, key) ->
            pairs.forEach(
                (name, other) ->
                    assertThat(KeyMatch.belong(key.getPrivate(), other.getPublic()))
                        .as("%s and %s", of, name)
                        .isEqualTo(of.equals(name))));
  }

  @Test
  void refuses_an_rsa_key_with_one_wrong_part() throws Exception {
    KeyPair pair = TestAuthority.newKey("RSA");
    RSAPrivateCrtKey key = (RSAPrivateCrtKey) pair.getPrivate();
    for (int wrong = 0; wrong < 7; wrong++) {
      BigInteger[] parts = {
        key.getPublicExponent(),
        key.getPrivateExponent(),
        key.getPrimeP(),
        key.getPrimeQ(),
        key.getPrimeExponentP(),
        key.getPrimeExponentQ(),
        key.getCrtCoefficient()
      };
      parts[wrong] = parts[wrong].add(BigInteger.TWO);
      RSAPrivateCrtKeySpec bent =
          new RSAPrivateCrtKeySpec(
              key.getModulus(),
              parts[0],
              parts[1],
              parts[2],
              parts[3],
              parts[4],
              parts[5],
              parts[6]);

      assertThat(
              KeyMatch.belong(
                  KeyFactory.getInstance("RSA").generatePrivate(bent), pair.getPublic()))
          .as("part %d", wrong)
          .isFalse();
    }

    RSAPrivateKeySpec bare = new RSAPrivateKeySpec(key.getModulus(), key.getPrivateExponent());
    assertThat(
            KeyMatch.belong(KeyFactory.getInstance("RSA").generatePrivate(bare), pair.getPublic()))
        .as("without its factors")
        .isTrue();
  }

  @Test
  void says_what_is_wrong_with_which_secret() {
    byte[] chain = pem(CA.leaf("spiffe://d/a").leaf());
    assertProblem(new byte[0], chain, "no PEM block CERTIFICATE");
    assertProblem(chain, new byte[0], "no PEM block PRIVATE KEY");
    assertProblem(chain, chain, "no PEM block PRIVATE KEY");
    assertProblem(block("CERTIFICATE", new byte[] {1, 2, 3}), chain, "certificate 1");
    assertProblem("-----BEGIN CERTIFICATE-----\nMIIB\n".getBytes(US_ASCII), chain, "broken PEM");
    assertProblem(chain, block("RSA PRIVATE KEY", new byte[] {1, 2, 3}), "cannot be read");
    assertProblem(chain, block("EC PRIVATE KEY", new byte[] {48, 0}), "cannot be read");
    assertProblem(chain, block("ENCRYPTED PRIVATE KEY", new byte[] {48, 0}), "encrypted");
    assertProblem(new byte[PemBlocks.MAX_BYTES + 1], chain, "bytes, at most");
    assertProblem(block("X509 CRL", new byte[] {48, 0}), chain, "revocation list");
  }

  private static void assertProblem(byte[] chain, byte[] key, String problem) {
    assertThatExceptionOfType(InvalidSecretException.class)
        .isThrownBy(() -> PemSecrets.certificate("identity_cert", chain, key))
        .withMessageStartingWith("secret identity_cert: ")
        .withMessageContaining(problem)
        .withNoCause();
  }

  @Test
  void deeply_nested_structures_are_refused_without_exhausting_the_stack() throws Exception {
    byte[] nested = new byte[200_000];
    for (int i = 0; i + 1 < nested.length; i += 2) {
      nested[i] = 0x30;
      nested[i + 1] = (byte) 0x80;
    }
    for (String label : new String[] {"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"}) {
      assertProblem(pem(CA.leaf("spiffe://d/a").leaf()), block(label, nested), "cannot be read");
    }
    assertProblem(block("CERTIFICATE", nested), new byte[0], "certificate 1");
  }

  @Test
  void mutated_secrets_end_in_a_value_or_in_the_one_exception_and_never_show_the_key() {
    byte[] chain = recorded("mesh-mtls-chain.pem");
    byte[] key = recorded("mesh-mtls-key.pem");
    Random random = new Random(7);
    int refused = 0;
    for (int i = 0; i < 150; i++) {
      byte[] mutatedChain = random.nextBoolean() ? mutate(chain, random) : chain;
      byte[] mutatedKey = mutatedChain == chain ? mutate(key, random) : key;
      try {
        PemSecrets.certificate("s", mutatedChain, mutatedKey);
      } catch (InvalidSecretException e) {
        refused++;
        assertThat(e.getMessage()).startsWith("secret s: ").hasSizeLessThan(250);
        assertThat(e).hasNoCause();
        for (String line : new String(key, US_ASCII).split("\n", -1)) {
          if (line.length() > 20 && !line.startsWith("-")) {
            assertThat(e.getMessage()).doesNotContain(line.substring(0, 20));
          }
        }
      }
    }
    assertThat(refused).isGreaterThan(50);
  }

  @Test
  void mutated_der_ends_in_a_value_or_in_the_one_exception() throws Exception {
    KeyPair rsa = TestAuthority.newKey("RSA");
    byte[] pkcs1 =
        PrivateKeyInfo.getInstance(rsa.getPrivate().getEncoded())
            .parsePrivateKey()
            .toASN1Primitive()
            .getEncoded();
    TlsCertificate leaf = CA.leaf("spiffe://d/a");
    byte[] certificate = leaf.leaf().getEncoded();
    byte[] pkcs8 = leaf.privateKey().getEncoded();
    Random random = new Random(11);
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      try {
        switch (i % 3) {
          case 0 -> PemSecrets.authorities("s", block("CERTIFICATE", mutate(certificate, random)));
          case 1 ->
              PemSecrets.certificate(
                  "s", pem(leaf.leaf()), block("PRIVATE KEY", mutate(pkcs8, random)));
          default ->
              PemSecrets.certificate(
                  "s", pem(leaf.leaf()), block("RSA PRIVATE KEY", mutate(pkcs1, random)));
        }
      } catch (InvalidSecretException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(120);
  }

  private static byte[] mutate(byte[] original, Random random) {
    byte[] copy = original.clone();
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      switch (random.nextInt(3)) {
        case 0 -> copy[random.nextInt(copy.length)] = (byte) random.nextInt(256);
        case 1 ->
            copy[random.nextInt(Math.min(80, copy.length))] ^= (byte) (1 << random.nextInt(8));
        default -> copy = Arrays.copyOf(copy, Math.max(90, copy.length - random.nextInt(60)));
      }
    }
    return copy;
  }
}
