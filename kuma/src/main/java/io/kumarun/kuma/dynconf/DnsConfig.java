package io.kumarun.kuma.dynconf;

import java.util.List;
import java.util.Map;

/**
 * {@code /dns}: the names of the mesh (contract §5.9).
 *
 * @param ttl in seconds
 * @param extraLabels added to the metrics about names
 */
public record DnsConfig(List<Record> records, int ttl, Map<String, String> extraLabels) {
  public DnsConfig {
    records = records == null ? List.of() : List.copyOf(records);
    extraLabels = extraLabels == null ? Map.of() : Map.copyOf(extraLabels);
  }

  /**
   * @param ips of both families
   */
  public record Record(String name, List<String> ips) {
    public Record {
      name = name == null ? "" : name;
      ips = ips == null ? List.of() : List.copyOf(ips);
    }
  }
}
