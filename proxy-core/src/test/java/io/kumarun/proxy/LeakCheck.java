package io.kumarun.proxy;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails every test class during which a buffer was collected that nobody had released. Found by
 * JUnit as a service; Netty's detector runs at its paranoid level in all tests.
 */
public final class LeakCheck implements BeforeAllCallback, AfterAllCallback {
  private static final LinkedBlockingQueue<String> LEAKS = new LinkedBlockingQueue<>();

  private static final ResourceLeakDetector.LeakListener LISTENER =
      (resource, records) -> LEAKS.add(resource + ": " + records);

  @Override
  public void beforeAll(ExtensionContext context) {
    ByteBufUtil.setLeakListener(LISTENER);
  }

  @Override
  public void afterAll(ExtensionContext context) throws InterruptedException {
    collectGarbage();
    // The detector reports what it found when the next buffer is made.
    PooledByteBufAllocator.DEFAULT.directBuffer(1).release();
    List<String> leaks = new ArrayList<>();
    LEAKS.drainTo(leaks);
    if (!leaks.isEmpty()) {
      throw new AssertionError(
          leaks.size() + " buffers were never released:\n" + String.join("\n", leaks));
    }
  }

  /** Returns when the references that were cleared are in their queues. */
  private static void collectGarbage() throws InterruptedException {
    ReferenceQueue<Object> queue = new ReferenceQueue<>();
    PhantomReference<Object> canary = new PhantomReference<>(new Object(), queue);
    System.gc();
    if (queue.remove(5_000) != canary) {
      throw new AssertionError("no garbage collection within 5 s");
    }
  }
}
