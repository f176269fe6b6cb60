package io.kumarun.proxy.exchange;

/** What an exchange asks of the connection it came on. Event loop only. */
public interface ConnectionState {

  /** Whether the filter chain of the connection was replaced, or the proxy is going down. */
  boolean isDraining();
}
