package io.kumarun.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostAddressesTest {
  private static Stream<String> addresses() throws IOException {
    return Stream.concat(
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .map(InetAddress::getHostAddress),
        Stream.of("203.0.113.1", "198.51.100.7", "240.0.0.1", "::1", "2001:db8::1"));
  }

  @ParameterizedTest
  @MethodSource("addresses")
  void itIsAnAddressOfThisHostIfASocketCanBeBoundToIt(String host) {
    assertThat(HostAddresses.has(host)).isEqualTo(canBeBound(host));
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.0.0.6", "127.255.0.9", "0.0.0.0", "::"})
  void loopbackAndWildcardsAreAlwaysOfThisHost(String host) {
    assertThat(HostAddresses.has(host)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"name.example", "", "300.1.1.1"})
  void whatIsNoAddressIsLeftToTheBind(String host) {
    assertThat(HostAddresses.has(host)).isTrue();
  }

  private static boolean canBeBound(String host) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral(host), 0));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
