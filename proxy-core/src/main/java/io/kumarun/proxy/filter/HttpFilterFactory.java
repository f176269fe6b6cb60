package io.kumarun.proxy.filter;

import io.kumarun.proxy.permission.ConnectionFacts;

/** A configured filter. Immutable; any thread. */
public interface HttpFilterFactory {

  /** The filter for a connection, whose facts never change. */
  HttpFilter forConnection(ConnectionFacts facts);
}
