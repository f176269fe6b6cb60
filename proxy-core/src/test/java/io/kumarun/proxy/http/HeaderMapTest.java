package io.kumarun.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeaderMapTest {
  private static final AsciiString A = AsciiString.of("a");
  private static final AsciiString B = AsciiString.of("b");
  private static final AsciiString C = AsciiString.of("c");

  @Test
  void keepsFieldsInWireOrderBeyondItsFirstSize() {
    HeaderMap map = new HeaderMap(1);
    for (int i = 0; i < 50; i++) {
      map.add(AsciiString.of("n" + i), "v" + i);
    }
    assertThat(map.size()).isEqualTo(50);
    assertThat((Object) map.name(49)).hasToString("n49");
    assertThat((Object) map.value(0)).hasToString("v0");
  }

  @Test
  void findsAFieldByAnEqualNameThatIsAnotherObject() {
    HeaderMap map = new HeaderMap().add(AsciiString.of("content-type"), "text/plain");
    assertThat((Object) map.get(HeaderNames.CONTENT_TYPE)).hasToString("text/plain");
    assertThat(map.contains(HeaderNames.DATE)).isFalse();
    assertThat((Object) map.get(HeaderNames.DATE)).isNull();
  }

  @Test
  void setReplacesTheFirstAndRemovesTheOthers() {
    HeaderMap map = new HeaderMap().add(A, "1").add(B, "2").add(A, "3").add(C, "4").add(A, "5");
    map.set(A, "6");
    assertThat(map).hasToString("a: 6\nb: 2\nc: 4\n");
  }

  @Test
  void setAddsANewFieldBehindAndANewPseudoHeaderInFront() {
    HeaderMap map = new HeaderMap(1).add(A, "1");
    map.set(B, "2");
    map.set(HeaderNames.STATUS, "200");
    assertThat(map).hasToString(":status: 200\na: 1\nb: 2\n");
    assertThat(map.status()).isEqualTo(200);
  }

  @Test
  void removeTakesOutEveryFieldOfTheName() {
    HeaderMap map = new HeaderMap().add(A, "1").add(B, "2").add(A, "3");
    assertThat(map.remove(A)).isTrue();
    assertThat(map.remove(A)).isFalse();
    assertThat(map).hasToString("b: 2\n");
  }

  @Test
  void removeAtClosesTheGap() {
    HeaderMap map = new HeaderMap().add(A, "1").add(B, "2").add(C, "3");
    map.removeAt(1);
    assertThat(map).hasToString("a: 1\nc: 3\n");
    assertThatThrownBy(() -> map.removeAt(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> map.value(2)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void indexOfWalksThroughRepeatedFields() {
    HeaderMap map = new HeaderMap().add(A, "1").add(B, "2").add(A, "3");
    assertThat(map.indexOf(A, 0)).isZero();
    assertThat(map.indexOf(A, 1)).isEqualTo(2);
    assertThat(map.indexOf(A, 3)).isEqualTo(-1);
  }

  @Test
  void aCopyIsIndependent() {
    HeaderMap map = new HeaderMap().add(A, "1");
    HeaderMap copy = map.copy();
    copy.add(B, "2");
    map.remove(A);
    assertThat(copy).hasToString("a: 1\nb: 2\n");
    assertThat(map.size()).isZero();
    assertThat(map.copy().add(C, "3")).hasToString("c: 3\n");
  }

  @Test
  void countsTheBytesOfNamesAndValues() {
    assertThat(new HeaderMap().add(A, "12").add(B, "").byteSize()).isEqualTo(4);
  }

  @Test
  void agreesWithAPlainListUnderRandomChanges() {
    Random random = new Random(7);
    AsciiString[] names = {A, B, C, HeaderNames.PATH, AsciiString.of("a")};
    HeaderMap map = new HeaderMap(1);
    List<String[]> model = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      AsciiString name = names[random.nextInt(names.length)];
      String value = Integer.toString(i);
      switch (random.nextInt(5)) {
        case 0 -> {
          map.add(name, value);
          model.add(new String[] {name.toString(), value});
        }
        case 1 -> {
          map.addFirst(name, AsciiString.of(value));
          model.addFirst(new String[] {name.toString(), value});
        }
        case 2 -> {
          map.set(name, value);
          setInModel(model, name.toString(), value);
        }
        case 3 ->
            assertThat(map.remove(name)).isEqualTo(model.removeIf(f -> f[0].contentEquals(name)));
        default -> {
          if (!model.isEmpty()) {
            int at = random.nextInt(model.size());
            map.removeAt(at);
            model.remove(at);
          }
        }
      }
      StringBuilder expected = new StringBuilder();
      model.forEach(f -> expected.append(f[0]).append(": ").append(f[1]).append('\n'));
      assertThat(map).hasToString(expected.toString());
    }
  }

  private static void setInModel(List<String[]> model, String name, String value) {
    int first = -1;
    for (int i = 0; i < model.size(); i++) {
      if (model.get(i)[0].equals(name)) {
        if (first < 0) {
          first = i;
          model.set(i, new String[] {name, value});
        } else {
          model.remove(i--);
        }
      }
    }
    if (first < 0) {
      if (name.startsWith(":")) {
        model.addFirst(new String[] {name, value});
      } else {
        model.add(new String[] {name, value});
      }
    }
  }

  @Test
  void aNameGivenAsTextIsFoundAsWell() {
    HeaderMap headers =
        new HeaderMap()
            .add(AsciiString.of("x-one"), AsciiString.of("1"))
            .add(AsciiString.of("x-two"), AsciiString.of("2"));

    assertThat((CharSequence) headers.get("x-two")).isEqualTo(AsciiString.of("2"));
    assertThat((CharSequence) headers.get("x-six")).isNull();
  }
}
