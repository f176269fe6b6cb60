package io.kumarun.devmesh.scenario;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Walks a message and everything inside it, also what is packed into an {@code Any}, and builds a
 * changed copy. Subclasses say what changes. Any thread if they are.
 */
abstract class MessageRewriter {

  /** Changes one message whose parts have been changed already; by default not at all. */
  Message message(Message message) {
    return message;
  }

  /** Changes one string anywhere. */
  abstract String text(String text);

  final Message rewrite(Message message) {
    if (message.getDescriptorForType().getFullName().equals("google.protobuf.Any")) {
      return rewriteAny(message);
    }
    Message.Builder builder = message.toBuilder();
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      if (field.getJavaType() != JavaType.STRING && field.getJavaType() != JavaType.MESSAGE) {
        continue;
      }
      if (field.isRepeated()) {
        List<Object> values = new ArrayList<>();
        ((List<?>) entry.getValue()).forEach(value -> values.add(value(value)));
        builder.setField(field, values);
      } else {
        builder.setField(field, value(entry.getValue()));
      }
    }
    return message(builder.build());
  }

  private Object value(Object value) {
    return value instanceof Message message ? rewrite(message) : text((String) value);
  }

  private Message rewriteAny(Message message) {
    try {
      Any any = message instanceof Any known ? known : Any.parseFrom(message.toByteString());
      Any changed = EnvoyTypes.pack(any.getTypeUrl(), rewrite(EnvoyTypes.unpack(any)));
      return message instanceof Any
          ? changed
          : message.newBuilderForType().mergeFrom(changed.toByteString()).build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("Damaged Any", e);
    }
  }
}
