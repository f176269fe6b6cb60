package io.kumarun.kuma.translate;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A well-formed message that differs in a few fields, at any depth, also inside each Any: fields
 * are set that were not, cleared, doubled, or given an extreme value.
 */
final class MessageMutation {
  private static final String[] STRINGS = {
    "", "x", "%", "%%", "%REQ(x)%", "a\r\nb", "\0", "*", "(", ":path", "é", "/", "{", "0.0.0.0"
  };

  private final Random random;

  private MessageMutation(Random random) {
    this.random = random;
  }

  static Any of(Any any, Random random) {
    return new MessageMutation(random).mutate(any);
  }

  private Any mutate(Any any) {
    AppliedFields.Reading reading = AppliedFields.READINGS.get(FieldPath.typeName(any));
    if (reading == null || reading.prototype() == null) {
      return any;
    }
    try {
      return Any.pack(mutate(any.unpackSameTypeAs(reading.prototype())));
    } catch (InvalidProtocolBufferException e) {
      return any;
    }
  }

  /** Goes down one way at random, and changes something at its end. */
  private Message mutate(Message message) {
    if (message instanceof Any any) {
      return mutate(any);
    }
    Message.Builder builder = message.toBuilder();
    List<FieldDescriptor> below = new ArrayList<>();
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isMapField()) {
                below.add(field);
              }
            });
    if (!below.isEmpty() && random.nextInt(5) != 0) {
      FieldDescriptor field = below.get(random.nextInt(below.size()));
      if (field.isRepeated()) {
        int index = random.nextInt(message.getRepeatedFieldCount(field));
        Message element = (Message) message.getRepeatedField(field, index);
        if (random.nextInt(6) == 0) {
          builder.addRepeatedField(field, element);
        } else {
          builder.setRepeatedField(field, index, mutate(element));
        }
      } else {
        builder.setField(field, mutate((Message) message.getField(field)));
      }
      return builder.build();
    }
    List<FieldDescriptor> fields = message.getDescriptorForType().getFields();
    if (!fields.isEmpty()) {
      change(builder, fields.get(random.nextInt(fields.size())));
    }
    return builder.build();
  }

  private void change(Message.Builder builder, FieldDescriptor field) {
    if (field.isMapField() || random.nextInt(4) == 0) {
      builder.clearField(field);
    } else if (field.isRepeated()) {
      builder.addRepeatedField(field, value(builder, field));
    } else {
      builder.setField(field, value(builder, field));
    }
  }

  private Object value(Message.Builder builder, FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case INT -> extremes(0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, 65_536);
      case LONG -> extremes(0L, 1L, -1L, Long.MAX_VALUE, Long.MIN_VALUE);
      case FLOAT -> extremes(0f, -1f, Float.NaN, Float.MAX_VALUE);
      case DOUBLE -> extremes(0d, -1d, Double.NaN, Double.POSITIVE_INFINITY);
      case BOOLEAN -> random.nextBoolean();
      case STRING -> STRINGS[random.nextInt(STRINGS.length)];
      case BYTE_STRING -> ByteString.copyFromUtf8(STRINGS[random.nextInt(STRINGS.length)]);
      case ENUM -> {
        EnumDescriptor type = field.getEnumType();
        yield random.nextInt(5) == 0 && !type.isClosed()
            ? type.findValueByNumberCreatingIfUnknown(4711)
            : type.getValues().get(random.nextInt(type.getValues().size()));
      }
      case MESSAGE -> builder.newBuilderForField(field).build();
    };
  }

  private Object extremes(Object... values) {
    return values[random.nextInt(values.length)];
  }
}
