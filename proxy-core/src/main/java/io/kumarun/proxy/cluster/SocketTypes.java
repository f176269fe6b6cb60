package io.kumarun.proxy.cluster;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;

/**
 * The channels of the transport in use (epoll, io_uring, NIO), which the program chooses.
 *
 * @param server listens on TCP
 * @param tcp connects by TCP
 * @param pipe connects to Unix domain sockets
 */
public record SocketTypes(
    ChannelFactory<? extends ServerChannel> server,
    ChannelFactory<? extends Channel> tcp,
    ChannelFactory<? extends Channel> pipe) {}
