package io.kumarun.proxy.filter;

import io.kumarun.proxy.http.HeaderMap;
import org.jspecify.annotations.Nullable;

/** A request as a filter sees it. Event loop only. */
public interface FilterContext {

  /** The request's head, which may be changed in place. */
  HeaderMap requestHeaders();

  /**
   * Answers instead of the upstream; the request goes no further.
   *
   * @param details response code details; null: the reply's own
   */
  void reply(LocalReply reply, @Nullable String details);

  /** Goes on after a filter returned {@link HttpFilter.Outcome#WAIT}. */
  void resume();
}
