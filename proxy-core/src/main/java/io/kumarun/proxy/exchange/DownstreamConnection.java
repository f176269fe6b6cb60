package io.kumarun.proxy.exchange;

import io.kumarun.proxy.cluster.Cluster;
import io.kumarun.proxy.cluster.LoopClusters;
import io.kumarun.proxy.filter.HttpFilter;
import io.kumarun.proxy.filter.HttpFilterFactory;
import io.kumarun.proxy.http.HeaderMap;
import io.kumarun.proxy.http.HeaderNames;
import io.kumarun.proxy.http.HttpStream;
import io.kumarun.proxy.http.HttpStreamAcceptor;
import io.kumarun.proxy.http.HttpStreamHandler;
import io.kumarun.proxy.permission.ConnectionFacts;
import io.netty.util.AsciiString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A downstream HTTP connection: what its exchanges share, prepared once. Event loop only. */
public final class DownstreamConnection implements HttpStreamAcceptor {
  private final HttpChain chain;
  private final ExchangeServices services;
  private final LoopClusters upstreams;
  private final DownstreamPeer peer;
  private final HttpFilter[] filters;
  private final @Nullable AsciiString forwardedClientCert;

  public DownstreamConnection(
      HttpChain chain, ExchangeServices services, LoopClusters upstreams, DownstreamPeer peer) {
    this.chain = chain;
    this.services = services;
    this.upstreams = upstreams;
    this.peer = peer;
    ConnectionFacts facts = peer.facts();
    List<HttpFilterFactory> factories = chain.filters();
    this.filters = new HttpFilter[factories.size()];
    for (int i = 0; i < filters.length; i++) {
      filters[i] = factories.get(i).forConnection(facts);
    }
    this.forwardedClientCert = chain.tellsClientCertificate() ? ForwardedClientCert.of(peer) : null;
  }

  @Override
  public HttpStreamHandler newStream(HttpStream stream) {
    return new HttpExchange(this, stream, 0);
  }

  @Override
  public long headTimeoutNanos() {
    return chain.headTimeoutNanos();
  }

  @Override
  public void onHeadTimeout(HttpStream stream) {
    new HttpExchange(this, stream, headTimeoutNanos()).onHeadTimeout();
  }

  @Override
  public void completeHead(HeaderMap head) {
    head.add(HeaderNames.DATE, date()).add(HeaderNames.SERVER, LocalReplyHead.ENVOY);
  }

  @Override
  public void onProtocolError(int status, String details) {
    chain.metrics().protocolError();
    services.accessLog().log(new RefusedBytes(services.clock().millis(), status, details));
  }

  HttpChain chain() {
    return chain;
  }

  ExchangeServices services() {
    return services;
  }

  /** The cluster of that name, or null. */
  @Nullable Cluster cluster(String name) {
    return services.clusters().get(name);
  }

  LoopClusters upstreams() {
    return upstreams;
  }

  DownstreamPeer peer() {
    return peer;
  }

  HttpFilter[] filters() {
    return filters;
  }

  @Nullable AsciiString forwardedClientCert() {
    return forwardedClientCert;
  }

  AsciiString date() {
    return DateHeader.at(services.clock().millis());
  }
}
