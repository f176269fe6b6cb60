package io.kumarun.devmesh.controlplane;

import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** How a control plane behaves at the moment: well, or in one bad way. Any thread. */
final class Conduct {

  private volatile @Nullable Misbehaviour current;
  private volatile CountDownLatch hanging = new CountDownLatch(0);

  @Nullable Misbehaviour current() {
    return current;
  }

  boolean hangs() {
    return current instanceof Misbehaviour.Hangs;
  }

  synchronized void begin(Misbehaviour misbehaviour) {
    end();
    if (misbehaviour instanceof Misbehaviour.Hangs) {
      hanging = new CountDownLatch(1);
    }
    current = misbehaviour;
  }

  synchronized void end() {
    current = null;
    hanging.countDown();
  }

  /** Returns at once, but for a control plane that hangs. */
  void hang() {
    try {
      hanging.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
