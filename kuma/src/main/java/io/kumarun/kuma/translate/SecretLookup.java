package io.kumarun.kuma.translate;

import io.kumarun.kuma.translate.TranslatedSecret.Content;
import io.kumarun.tls.TlsCertificate;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The secrets that are here, and a memory of those that were asked for in vain. One thread. */
public final class SecretLookup {
  private final Map<String, TranslatedSecret> secrets;
  private final Set<String> missing = new LinkedHashSet<>();

  public SecretLookup(Map<String, TranslatedSecret> secrets) {
    this.secrets = secrets;
  }

  /** Why something could not be resolved: one phrase per secret. Empty: all was there. */
  public Set<String> missing() {
    return missing;
  }

  @Nullable TlsCertificate certificate(String name) {
    TranslatedSecret secret = secrets.get(name);
    if (secret == null) {
      missing.add("secret " + name + " has not come");
      return null;
    }
    if (secret.content() instanceof Content.Certificate found) {
      return found.certificate();
    }
    missing.add("secret " + name + " holds no certificate");
    return null;
  }

  Content.@Nullable Validation validation(String name) {
    TranslatedSecret secret = secrets.get(name);
    if (secret == null) {
      missing.add("secret " + name + " has not come");
      return null;
    }
    if (secret.content() instanceof Content.Validation found) {
      return found;
    }
    missing.add("secret " + name + " holds a certificate, not authorities");
    return null;
  }

  void withoutAuthorities(String what) {
    missing.add(what + " names no authorities");
  }
}
