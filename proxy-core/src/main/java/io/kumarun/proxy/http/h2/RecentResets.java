package io.kumarun.proxy.http.h2;

/**
 * The streams this side reset lately. Their peer may have sent more before it learnt of the reset,
 * which is to be ignored (RFC 9113 §5.1, "closed") and not answered with another reset per frame.
 */
final class RecentResets {
  private static final int SIZE = 64;

  private final int[] ids = new int[SIZE];
  private int next;

  void add(int streamId) {
    ids[next] = streamId;
    next = (next + 1) % SIZE;
  }

  boolean contains(int streamId) {
    for (int id : ids) {
      if (id == streamId) {
        return true;
      }
    }
    return false;
  }
}
