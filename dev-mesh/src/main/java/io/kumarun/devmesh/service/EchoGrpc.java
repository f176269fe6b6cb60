package io.kumarun.devmesh.service;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * The methods of the gRPC echo service, whose messages are plain bytes, so that neither side needs
 * generated code.
 */
public final class EchoGrpc {

  static final String SERVICE = "kumarun.echo.Echo";

  /** One message in, the same message out. */
  public static final MethodDescriptor<byte[], byte[]> UNARY = method("Unary", MethodType.UNARY);

  /** One message in, the same message out as often as its first byte says. */
  public static final MethodDescriptor<byte[], byte[]> REPEAT =
      method("Repeat", MethodType.SERVER_STREAMING);

  /** Each message that comes in goes out at once. */
  public static final MethodDescriptor<byte[], byte[]> CHAT =
      method("Chat", MethodType.BIDI_STREAMING);

  private EchoGrpc() {}

  private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
    return MethodDescriptor.newBuilder(new Bytes(), new Bytes())
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
        .setType(type)
        .build();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException("A message could not be read", e);
      }
    }
  }
}
