package io.kumarun.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A rule that nothing can break protects nothing. */
class RulesBiteTest {

  @Test
  void readingTheEnvironmentIsSeen() {
    assertBroken(HouseRulesTest.onlyTheProgramReadsItsEnvironmentAndEndsIt, ReadsEnvironment.class);
  }

  @Test
  void readingASystemPropertyAsANumberIsSeen() {
    assertBroken(HouseRulesTest.onlyTheProgramReadsItsEnvironmentAndEndsIt, ReadsProperty.class);
  }

  @Test
  void makingThreadsIsSeen() {
    ArchRule rule = HouseRulesTest.onlyTheProgramMakesThreadsAndEventLoops;
    assertBroken(rule, MakesThread.class);
    assertBroken(rule, MakesVirtualThread.class);
    assertBroken(rule, MakesPool.class);
    assertBroken(rule, MakesScheduler.class);
    assertBroken(rule, MakesLoops.class);
  }

  @Test
  void aNameThatSaysNothingIsSeen() {
    assertBroken(HouseRulesTest.classesAreNamedForWhatTheyAre, ThingHelper.class);
  }

  private static void assertBroken(ArchRule rule, Class<?> offender) {
    JavaClasses classes = new ClassFileImporter().importClasses(offender);
    assertThat(rule.evaluate(classes).hasViolation()).as(offender.getSimpleName()).isTrue();
  }

  static final class ReadsEnvironment {
    @Nullable String read() {
      return System.getenv("HOME");
    }
  }

  static final class ReadsProperty {
    @Nullable Integer read() {
      return Integer.getInteger("x");
    }
  }

  static final class MakesThread {
    Thread make() {
      return new Thread(() -> {});
    }
  }

  static final class MakesVirtualThread {
    Thread make() {
      return Thread.ofVirtual().unstarted(() -> {});
    }
  }

  static final class MakesPool {
    ExecutorService make() {
      return Executors.newCachedThreadPool();
    }
  }

  static final class MakesScheduler {
    ExecutorService make() {
      return new ScheduledThreadPoolExecutor(1);
    }
  }

  static final class MakesLoops {
    EventLoopGroup make() {
      return new MultiThreadIoEventLoopGroup(NioIoHandler.newFactory());
    }
  }

  static final class ThingHelper {}
}
