package io.kumarun.kuma.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.kumarun.kuma.Recordings;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HostileResourceTest {
  private final Random random = new Random(20240611);

  @Test
  void randomBytesAreRejectedByName() {
    for (ResourceKind kind : ResourceKind.values()) {
      for (int i = 0; i < 500; i++) {
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        translate(kind, "victim", any(kind.typeUrl(), bytes));
      }
    }
  }

  @Test
  void anotherTypeIsRejected() {
    for (ResourceKind kind : ResourceKind.values()) {
      for (String type : List.of("", "x", "type.googleapis.com/google.protobuf.Empty")) {
        assertThatThrownBy(() -> kind.translate("victim", any(type, new byte[0])))
            .isInstanceOf(ResourceRejectedException.class)
            .hasMessageStartingWith(kind.label() + " victim: is not a readable");
      }
    }
  }

  @Test
  void damagedRecordingsAreTakenOrRejectedAndNeverMore() {
    int rejected = 0;
    for (String dataplane :
        List.of("23-everything/frontend", "04-meshidentity-meshtrust-ms/backend")) {
      for (DeltaDiscoveryResponse response : Recordings.responses(dataplane)) {
        ResourceKind kind = Objects.requireNonNull(ResourceKind.ofTypeUrl(response.getTypeUrl()));
        for (Resource resource : response.getResourcesList()) {
          for (int i = 0; i < 60; i++) {
            byte[] bytes = resource.getResource().getValue().toByteArray();
            damage(bytes);
            int length = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length;
            Any any =
                Any.newBuilder()
                    .setTypeUrl(kind.typeUrl())
                    .setValue(ByteString.copyFrom(bytes, 0, length))
                    .build();
            rejected += translate(kind, resource.getName(), any) ? 0 : 1;
          }
        }
      }
    }
    assertThat(rejected).isPositive();
  }

  @Test
  void resourcesWithOtherValuesInTheirFieldsAreTakenOrRejectedAndNeverMore() {
    int taken = 0;
    for (String dataplane :
        List.of(
            "23-everything/frontend",
            "13b-meshfaultinjection-rules-spiffe-ms/backend",
            "16-meshmetric/backend")) {
      for (DeltaDiscoveryResponse response : Recordings.responses(dataplane)) {
        ResourceKind kind = Objects.requireNonNull(ResourceKind.ofTypeUrl(response.getTypeUrl()));
        for (Resource resource : response.getResourcesList()) {
          for (int i = 0; i < 20; i++) {
            Any any = MessageMutation.of(resource.getResource(), random);
            taken += translate(kind, resource.getName(), any) ? 1 : 0;
          }
        }
      }
    }
    assertThat(taken).isPositive();
  }

  @Test
  void theWalkTakesAnyBytesOfAnyTypeInItsTable() {
    for (AppliedFields.Reading reading : AppliedFields.READINGS.values()) {
      if (reading.prototype() != null) {
        String type =
            "type.googleapis.com/" + reading.prototype().getDescriptorForType().getFullName();
        for (int i = 0; i < 50; i++) {
          byte[] bytes = new byte[random.nextInt(100)];
          random.nextBytes(bytes);
          assertThat(UnappliedFields.of(any(type, bytes))).hasSizeLessThan(1000);
        }
      }
    }
  }

  private void damage(byte[] bytes) {
    int hits = 1 + random.nextInt(4);
    for (int i = 0; i < hits; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
  }

  /** Whether it was taken. */
  private static boolean translate(ResourceKind kind, String name, Any any) {
    try {
      Translated translated = kind.translate(name, any);
      assertThat(kind.unapplied(any, translated))
          .hasSizeLessThan(FieldPath.MAX_NOTES + UnappliedFields.MAX_FEATURES * 6 + 1);
      return true;
    } catch (ResourceRejectedException e) {
      assertThat(e.getMessage()).startsWith(kind.label() + " " + name + ": ");
      assertThat(e.getMessage()).doesNotContain("PRIVATE KEY-----");
      return false;
    }
  }

  private static Any any(String type, byte[] bytes) {
    return Any.newBuilder().setTypeUrl(type).setValue(ByteString.copyFrom(bytes)).build();
  }
}
