package io.kumarun.kuma.dynconf;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The documents of one data plane. Immutable.
 *
 * @param meshMetric null: the control plane says nothing about it
 * @param dns null: the control plane says nothing about it
 * @param otel null: the control plane says nothing about it
 */
public record DynamicConfig(
    @Nullable MeshMetricConfig meshMetric, @Nullable DnsConfig dns, @Nullable OtelConfig otel) {
  public static final String MESH_METRIC = "/meshmetric";
  public static final String DNS = "/dns";
  public static final String OTEL = "/otel";

  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /**
   * Reads the documents; those of other paths are left alone.
   *
   * @param documents JSON by path
   * @throws IllegalArgumentException one cannot be read; the message names its path
   */
  public static DynamicConfig parse(Map<String, String> documents) {
    MeshMetricConfig.Document metrics =
        read(MESH_METRIC, documents, MeshMetricConfig.Document.class);
    return new DynamicConfig(
        metrics == null ? null : metrics.observability().metrics(),
        read(DNS, documents, DnsConfig.class),
        read(OTEL, documents, OtelConfig.class));
  }

  private static <T> @Nullable T read(String path, Map<String, String> documents, Class<T> type) {
    String document = documents.get(path);
    if (document == null) {
      return null;
    }
    T value;
    try {
      value = JSON.readValue(document, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(path + " cannot be read: " + e.getOriginalMessage());
    }
    if (value == null) {
      throw new IllegalArgumentException(path + " cannot be read: it is null");
    }
    return value;
  }
}
