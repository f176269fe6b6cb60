package io.kumarun.devmesh.scenario;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces what was recorded inside names (mesh, zone, data plane, service, addresses, ports) by
 * what a topology says. Each word is replaced only where it stands alone, and one by one in a fixed
 * order, addresses with ports first. Immutable, any thread.
 */
final class NameSubstitution {

  private record Replacement(Pattern pattern, String text) {}

  private final List<Replacement> replacements = new ArrayList<>();

  NameSubstitution(Scenario scenario, Topology topology, Dataplane dataplane) {
    RecordedDataplane recorded = RecordedDataplane.of(dataplane.role());
    number(recorded.address() + ":" + RecordedDataplane.INBOUND_PORT, inbound(dataplane));
    number(
        (recorded.address() + ":" + RecordedDataplane.INBOUND_PORT).replaceAll("[.:]", "_"),
        inbound(dataplane).replaceAll("[.:]", "_"));
    RecordedOutbound.PORTS.forEach(
        (service, port) ->
            number(
                "outbound:" + RecordedDataplane.LOOPBACK + ":" + port,
                "outbound:"
                    + dataplane.outboundAddress()
                    + ":"
                    + dataplane.outboundPorts().getOrDefault(service, port)));
    number("localhost:" + recorded.applicationPort(), "localhost:" + dataplane.applicationPort());
    number("localhost_" + recorded.applicationPort(), "localhost_" + dataplane.applicationPort());
    number(
        "self_inbound_dp_" + RecordedDataplane.INBOUND_PORT,
        "self_inbound_dp_" + dataplane.inboundPort());
    Path workdir = dataplane.workdir();
    if (workdir != null) {
      number("/tmp/kuma-dp-" + recorded.name(), workdir.toString());
    }
    word(scenario.recordedMesh(), topology.mesh());
    word("lab", topology.zone());
    word(recorded.name(), dataplane.name());
    if (!recorded.service().equals(dataplane.service())) {
      word(recorded.service(), dataplane.service());
    }
  }

  String apply(String text) {
    String result = text;
    for (Replacement replacement : replacements) {
      Matcher matcher = replacement.pattern().matcher(result);
      result = matcher.replaceAll(Matcher.quoteReplacement(replacement.text()));
    }
    return result;
  }

  private static String inbound(Dataplane dataplane) {
    return dataplane.address() + ":" + dataplane.inboundPort();
  }

  private void number(String from, String to) {
    replacements.add(
        new Replacement(
            Pattern.compile("(?<![0-9A-Za-z.])" + Pattern.quote(from) + "(?![0-9])"), to));
  }

  private void word(String from, String to) {
    replacements.add(
        new Replacement(
            Pattern.compile("(?<![0-9A-Za-z-])" + Pattern.quote(from) + "(?![0-9A-Za-z-])"), to));
  }
}
