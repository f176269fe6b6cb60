package io.kumarun.proxy.cluster;

import io.kumarun.proxy.http.StreamError;
import io.netty.channel.Channel;

/** Hears once how a connection attempt ended. Event loop only. */
public interface ConnectListener {

  /**
   * Connected, and where the cluster says so the TLS handshake is done and the peer verified.
   * Handlers must be added before this returns: bytes may follow at once.
   */
  void onConnected(Channel channel);

  /**
   * @param detail what happened, for people: {@code connection refused}, a TLS sentence
   */
  void onConnectFailed(StreamError error, String detail);
}
