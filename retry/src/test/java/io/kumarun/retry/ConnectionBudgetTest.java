package io.kumarun.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ConnectionBudgetTest {
  private final ConnectionBudget budget = new ConnectionBudget(new ConnectionLimits(2, 1, 3, 0));

  @Test
  void eachLimitIsItsOwn() {
    assertThat(budget.tryAcquireConnection()).isTrue();
    assertThat(budget.tryAcquireConnection()).isTrue();
    assertThat(budget.tryAcquireConnection()).isFalse();
    assertThat(budget.tryAcquirePending()).isTrue();
    assertThat(budget.tryAcquirePending()).isFalse();
    assertThat(budget.tryAcquireRequest()).isTrue();
    assertThat(budget.remainingRequests()).isEqualTo(2);
  }

  @Test
  void aLimitOfZeroRefusesAtOnce() {
    assertThat(budget.tryAcquireRetry()).isFalse();
    assertThat(budget.remainingRetries()).isZero();
  }

  @Test
  void aRefusalTakesNoPlace() {
    budget.tryAcquirePending();
    for (int i = 0; i < 10; i++) {
      assertThat(budget.tryAcquirePending()).isFalse();
    }
    budget.releasePending();
    assertThat(budget.tryAcquirePending()).isTrue();
  }

  @Test
  void aConnectionOverTheLimitIsCountedAndNothingRemains() {
    budget.tryAcquireConnection();
    budget.tryAcquireConnection();
    budget.acquireConnectionOverLimit();
    assertThat(budget.remainingConnections()).isZero();
    budget.releaseConnection();
    assertThat(budget.tryAcquireConnection()).isFalse();
    budget.releaseConnection();
    assertThat(budget.tryAcquireConnection()).isTrue();
  }

  @Test
  void releasingWhatNobodyHoldsIsABugAndDoesNotWidenTheLimit() {
    assertThatThrownBy(budget::releasePending).isInstanceOf(IllegalStateException.class);
    assertThat(budget.remainingPending()).isEqualTo(1);
  }

  @Test
  void racingThreadsNeverHoldMoreThanTheLimitAndGiveAllOfItBack() throws Exception {
    ConnectionBudget shared = new ConnectionBudget(new ConnectionLimits(1, 1, 3, 1));
    AtomicInteger held = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger acquired = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      go.await();
                    } catch (InterruptedException e) {
                      throw new IllegalStateException(e);
                    }
                    for (int n = 0; n < 20_000; n++) {
                      if (shared.tryAcquireRequest()) {
                        most.accumulateAndGet(held.incrementAndGet(), Math::max);
                        acquired.incrementAndGet();
                        held.decrementAndGet();
                        shared.releaseRequest();
                      }
                    }
                  }));
    }
    go.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(most.get()).isBetween(1, 3);
    assertThat(acquired.get()).isPositive();
    assertThat(shared.remainingRequests()).isEqualTo(3);
  }
}
