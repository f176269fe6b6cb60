package io.kumarun.kuma;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.kumarun.proxy.config.Address;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the control plane's bootstrap says (contract §1.3).
 *
 * @param node to be sent verbatim
 * @param adsHost where ADS and HDS are
 * @param adsTls false: h2c
 * @param authorities PEM; empty: those of the platform
 * @param acceptedNames the server must prove one of them; empty: {@code adsHost}
 * @param authorization the value of the metadata of this name; empty: none
 * @param admin where Envoy would serve its admin interface; null: not said
 * @param healthDiscovery whether health reports are expected (HDS)
 * @param yaml all of it, as it came; with the token
 */
public record Bootstrap(
    Node node,
    String adsHost,
    int adsPort,
    boolean adsTls,
    String authorities,
    List<String> acceptedNames,
    String authorization,
    @Nullable Address admin,
    boolean healthDiscovery,
    String yaml) {
  Bootstrap(
      Node node,
      String adsHost,
      int adsPort,
      boolean adsTls,
      String authorities,
      List<String> acceptedNames,
      String authorization,
      @Nullable Address admin,
      boolean healthDiscovery) {
    this(
        node,
        adsHost,
        adsPort,
        adsTls,
        authorities,
        acceptedNames,
        authorization,
        admin,
        healthDiscovery,
        "");
  }

  public Bootstrap {
    acceptedNames = List.copyOf(acceptedNames);
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "Bootstrap[" + node.getId() + ", ADS at " + adsHost + ":" + adsPort + "]";
  }
}
