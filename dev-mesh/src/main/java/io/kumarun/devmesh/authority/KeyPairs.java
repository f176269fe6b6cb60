package io.kumarun.devmesh.authority;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.EnumMap;
import java.util.Map;

/**
 * Key pairs. All leaf certificates of a process share one pair per kind, since an RSA pair takes a
 * few hundred milliseconds and no test looks at the key; authorities get their own, because two
 * authorities with one key would vouch for each other. Any thread.
 */
final class KeyPairs {

  private static final Map<KeyKind, KeyPair> SHARED = new EnumMap<>(KeyKind.class);

  private KeyPairs() {}

  static synchronized KeyPair shared(KeyKind kind) {
    return SHARED.computeIfAbsent(kind, KeyPairs::fresh);
  }

  static KeyPair fresh(KeyKind kind) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(kind.algorithm());
      generator.initialize(kind.bits());
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This JDK has no " + kind + " keys", e);
    }
  }
}
