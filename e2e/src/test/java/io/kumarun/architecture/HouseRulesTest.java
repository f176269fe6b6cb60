package io.kumarun.architecture;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.NullMarked;

/** Who may touch the process, and how things are named. */
@AnalyzeClasses(packages = "io.kumarun", importOptions = DoNotIncludeTests.class)
class HouseRulesTest {
  private static final String[] PROCESS_OWNERS = {"io.kumarun.sidecar..", "io.kumarun.devmesh.."};

  @ArchTest
  static final ArchRule onlyTheProgramReadsItsEnvironmentAndEndsIt =
      noClasses()
          .that()
          .resideOutsideOfPackages(PROCESS_OWNERS)
          .should()
          .callMethodWhere(
              calls(System.class, "getenv", "getProperty", "getProperties", "setProperty", "exit"))
          .orShould()
          .callMethodWhere(calls(Runtime.class, "exit", "halt", "addShutdownHook"))
          .orShould()
          .callMethodWhere(calls(Integer.class, "getInteger"))
          .orShould()
          .callMethodWhere(calls(Boolean.class, "getBoolean"));

  @ArchTest
  static final ArchRule onlyTheProgramMakesThreadsAndEventLoops =
      noClasses()
          .that()
          .resideOutsideOfPackages(PROCESS_OWNERS)
          .should()
          .callConstructorWhere(makesThreads())
          .orShould()
          .callMethodWhere(calls(Thread.class, "ofPlatform", "ofVirtual", "startVirtualThread"))
          .orShould()
          .callMethodWhere(
              target(owner(DescribedPredicate.describe("Executors", HouseRulesTest::isExecutors))));

  @ArchTest
  static final ArchRule classesAreNamedForWhatTheyAre =
      noClasses()
          .that()
          // The platform's own word for its extension points.
          .areNotAssignableTo(KeyManager.class)
          .and()
          .areNotAssignableTo(TrustManager.class)
          .should()
          .haveNameMatching(".*(Util|Utils|Helper|Helpers|Manager|Impl)")
          .because("such a name says nothing; find the thing's own");

  @ArchTest
  static void everyPackageIsNullMarked(JavaClasses all) {
    TreeSet<String> unmarked = new TreeSet<>();
    for (JavaClass type : all) {
      JavaPackage owner = type.getPackage();
      boolean marked =
          owner.tryGetPackageInfo().isPresent() && owner.isAnnotatedWith(NullMarked.class);
      if (!marked) {
        unmarked.add(owner.getName());
      }
    }
    assertThat(unmarked).isEmpty();
  }

  @ArchTest
  static void theFoldersThatTheReadmeNamesExist(JavaClasses all) throws IOException {
    Path root = Path.of("..");
    String readme = Files.readString(root.resolve("README.md"));
    Matcher folder = Pattern.compile("^\\| `([\\w./-]+/)`", Pattern.MULTILINE).matcher(readme);
    int named = 0;
    while (folder.find()) {
      assertThat(root.resolve(folder.group(1))).isDirectory();
      named++;
    }
    assertThat(named).isGreaterThan(5);
  }

  private static DescribedPredicate<JavaCall<?>> calls(Class<?> type, String... methods) {
    DescribedPredicate<JavaCall<?>> any =
        target(owner(JavaClass.Predicates.type(type))).and(target(name(methods[0])));
    for (String method : methods) {
      any = any.or(target(owner(JavaClass.Predicates.type(type))).and(target(name(method))));
    }
    return any;
  }

  private static boolean isExecutors(JavaClass type) {
    return type.isEquivalentTo(Executors.class);
  }

  /** Also by a constructor of a subclass. */
  private static DescribedPredicate<JavaConstructorCall> makesThreads() {
    return DescribedPredicate.describe(
        "makes a thread, an executor or event loops",
        call -> {
          JavaClass made = call.getTargetOwner();
          boolean delegation = call.getOriginOwner().isAssignableTo(made.getName());
          return !delegation
              && (made.isAssignableTo(Thread.class)
                  || made.isAssignableTo(EventLoopGroup.class)
                  || (made.isAssignableTo(Executor.class)
                      && made.getPackageName().startsWith("java.")));
        });
  }
}
