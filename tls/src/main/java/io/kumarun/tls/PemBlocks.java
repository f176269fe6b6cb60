package io.kumarun.tls;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.util.io.pem.PemHeader;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;

/** Splits PEM text (RFC 7468) into labelled DER blocks; text between the blocks is skipped. */
final class PemBlocks {
  /** A bundle of every public authority is about 250 KiB; Envoy has no limit of its own. */
  static final int MAX_BYTES = 1 << 20;

  private static final int MAX_BLOCKS = 2048;

  private PemBlocks() {}

  record Block(String label, byte[] der, boolean encrypted) {}

  static List<Block> split(String secret, byte[] pem) throws InvalidSecretException {
    if (pem.length > MAX_BYTES) {
      throw new InvalidSecretException(
          secret, "PEM of " + pem.length + " bytes, at most " + MAX_BYTES + " are read");
    }
    List<Block> blocks = new ArrayList<>();
    try (PemReader reader =
        new PemReader(new StringReader(new String(pem, StandardCharsets.ISO_8859_1)))) {
      PemObject object;
      while ((object = reader.readPemObject()) != null) {
        if (blocks.size() == MAX_BLOCKS) {
          throw new InvalidSecretException(secret, "more than " + MAX_BLOCKS + " PEM blocks");
        }
        blocks.add(new Block(object.getType(), object.getContent(), isEncrypted(object)));
      }
    } catch (IOException | RuntimeException e) {
      // The parser's message may quote the text, which may be a key: it is not passed on.
      throw new InvalidSecretException(
          secret, "broken PEM after block " + blocks.size() + " (bad base64 or no END line)");
    }
    return blocks;
  }

  private static boolean isEncrypted(PemObject object) {
    for (Object header : object.getHeaders()) {
      if (header instanceof PemHeader named && named.getName().equals("DEK-Info")) {
        return true;
      }
    }
    return object.getType().equals("ENCRYPTED PRIVATE KEY");
  }
}
