package io.kumarun.proxy.filter;

/** A filter on the requests of one connection. Event loop only. */
public interface HttpFilter {

  /** Looks at the head of a request. */
  Outcome onRequest(FilterContext context);

  /** What becomes of the request. */
  enum Outcome {
    /** The next filter's turn. */
    CONTINUE,
    /** The filter replied, or will resume the request later. */
    WAIT
  }
}
