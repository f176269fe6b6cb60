package io.kumarun.kuma.translate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.FieldRefEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Compares the table of {@link AppliedFields} with what the compiled translators call. */
class AppliedFieldsTest {
  private static final List<String> GETTERS =
      List.of("get%s", "has%s", "get%sList", "get%sCount", "get%sMap", "get%sValue", "get%sBytes");

  /** Fields whose getter is called. */
  private final Set<String> got = new TreeSet<>();

  /** Fields whose case of a oneof has a branch of its own. */
  private final Set<String> branches = new TreeSet<>();

  private final Map<String, Descriptor> types = new HashMap<>();

  AppliedFieldsTest() throws Exception {
    Path classes =
        Path.of(
                Objects.requireNonNull(ResourceKind.class.getResource("ResourceKind.class"))
                    .toURI())
            .getParent();
    try (Stream<Path> files = Files.list(classes)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".class")).toList()) {
        scan(ClassFile.of().parse(file));
      }
    }
  }

  @Test
  void everyFieldThatTheTranslatorsReadIsInTheTable() {
    got.removeAll(declared());

    assertThat(got).as("read, and not in the table").isEmpty();
  }

  @Test
  void everyFieldInTheTableIsReadByTheTranslators() {
    Set<String> idle = declared();
    idle.removeAll(got);
    idle.removeAll(branches);

    assertThat(idle).as("in the table, and not read").isEmpty();
  }

  @Test
  void namesInTheTableAreFieldsAndNoneIsBothReadAndIgnored() {
    AppliedFields.READINGS.forEach(
        (name, reading) -> {
          Descriptor type = types.get(name);
          if (type == null) {
            type = Objects.requireNonNull(reading.prototype(), name).getDescriptorForType();
          }
          for (String field : reading.read()) {
            assertThat(type.findFieldByName(field)).as(name + "." + field).isNotNull();
          }
          for (String field : reading.ignored().keySet()) {
            assertThat(type.findFieldByName(field)).as(name + "." + field).isNotNull();
            assertThat(reading.read()).doesNotContain(field);
          }
        });
  }

  private static Set<String> declared() {
    Set<String> declared = new TreeSet<>();
    AppliedFields.READINGS.forEach(
        (type, reading) -> reading.read().forEach(field -> declared.add(type + "." + field)));
    return declared;
  }

  private void scan(ClassModel translator) throws ReflectiveOperationException {
    for (PoolEntry entry : translator.constantPool()) {
      if (entry instanceof MemberRefEntry member) {
        String owner = member.owner().asInternalName().replace('/', '.');
        if (owner.startsWith("io.envoyproxy.") || owner.startsWith("com.github.xds.")) {
          Class<?> type = Class.forName(owner);
          String name = member.name().stringValue();
          if (entry instanceof FieldRefEntry) {
            branch(type, name);
          } else {
            call(type, name);
          }
        }
      }
    }
  }

  private void call(Class<?> type, String method) throws ReflectiveOperationException {
    Descriptor descriptor = descriptor(type);
    if (descriptor != null) {
      for (FieldDescriptor field : descriptor.getFields()) {
        if (GETTERS.stream().anyMatch(form -> method.equals(form.formatted(camel(field))))) {
          got.add(field.getFullName());
        }
      }
    }
  }

  private void branch(Class<?> type, String constant) throws ReflectiveOperationException {
    if (type.isEnum() && type.getSimpleName().endsWith("Case")) {
      Descriptor descriptor = descriptor(Objects.requireNonNull(type.getEnclosingClass()));
      FieldDescriptor field =
          descriptor == null ? null : descriptor.findFieldByName(constant.toLowerCase(Locale.ROOT));
      if (field != null) {
        branches.add(field.getFullName());
      }
    }
  }

  private @Nullable Descriptor descriptor(Class<?> type) throws ReflectiveOperationException {
    if (!Message.class.isAssignableFrom(type)) {
      return null;
    }
    Descriptor descriptor = (Descriptor) type.getMethod("getDescriptor").invoke(null);
    types.put(descriptor.getFullName(), descriptor);
    descriptor
        .getFields()
        .forEach(
            field -> {
              if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                types.put(field.getMessageType().getFullName(), field.getMessageType());
              }
            });
    return descriptor;
  }

  /** As protoc names accessors. */
  private static String camel(FieldDescriptor field) {
    StringBuilder camel = new StringBuilder();
    boolean upper = true;
    for (char c : field.getName().toCharArray()) {
      if (c == '_') {
        upper = true;
      } else {
        camel.append(upper ? Character.toUpperCase(c) : c);
        upper = Character.isDigit(c);
      }
    }
    return camel.toString();
  }
}
