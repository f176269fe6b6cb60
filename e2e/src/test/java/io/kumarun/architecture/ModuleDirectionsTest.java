package io.kumarun.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Which module may use what. */
@AnalyzeClasses(packages = "io.kumarun", importOptions = DoNotIncludeTests.class)
class ModuleDirectionsTest {
  /** What every module has: the JDK, null markers, a logging facade. */
  private static final List<String> EVERYWHERE =
      List.of("java..", "javax..", "org.jspecify..", "org.slf4j..");

  /** The protobuf side of Envoy's configuration. */
  private static final String[] PROTOBUF = {
    "com.google.protobuf..", "com.google.rpc..", "io.grpc..", "io.envoyproxy..", "com.github.xds.."
  };

  private static final List<String> MODULES =
      List.of("retry", "tls", "telemetry", "proxy", "kuma", "sidecar", "devmesh");

  /** Without it a rule about a module that is not on the class path would hold by itself. */
  @ArchTest
  static void everyModuleIsSeen(JavaClasses all) {
    for (String module : MODULES) {
      assertThat(all).anyMatch(type -> type.getPackageName().startsWith("io.kumarun." + module));
    }
  }

  @ArchTest static final ArchRule retryUsesTheJdkOnly = module("retry").uses();

  @ArchTest
  static final ArchRule telemetryUsesMicrometer = module("telemetry").uses("io.micrometer..");

  @ArchTest
  static final ArchRule tlsUsesNettyAndBouncyCastle =
      module("tls").uses("io.netty..", "org.bouncycastle..");

  @ArchTest
  static final ArchRule proxyUsesNettyAndTheModulesBelow =
      module("proxy")
          .uses(
              "io.netty..",
              "com.google.re2j..",
              "io.kumarun.retry..",
              "io.kumarun.tls..",
              "io.kumarun.telemetry..");

  @ArchTest
  static final ArchRule protobufStopsAtTheKumaClient =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.kumarun.kuma..", "io.kumarun.devmesh..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(PROTOBUF)
          .because("inside, everything speaks immutable records");

  @ArchTest
  static final ArchRule configurationAndDecisionsKnowNoNetty =
      noClasses()
          .that()
          .resideInAnyPackage("io.kumarun.proxy.config..", "io.kumarun.retry..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.netty..");

  @ArchTest
  static final ArchRule nobodyDependsOnTheSidecar =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.kumarun.sidecar..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.kumarun.sidecar..");

  @ArchTest
  static final ArchRule theKumaClientSeesTheConfigurationOfTheProxyOnly =
      noClasses()
          .that()
          .resideInAPackage("io.kumarun.kuma..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.kumarun.proxy..")
                  .and(resideOutsideOfPackage("io.kumarun.proxy.config..")));

  @ArchTest
  static final ArchRule thereAreNoCyclesOfPackages =
      slices().matching("io.kumarun.(**)").should().beFreeOfCycles();

  private static Module module(String name) {
    return new Module(name);
  }

  private record Module(String name) {
    ArchRule uses(String... packages) {
      String own = "io.kumarun." + name + "..";
      List<String> allowed = new ArrayList<>(EVERYWHERE);
      allowed.add(own);
      allowed.addAll(Arrays.asList(packages));
      return classes()
          .that()
          .resideInAPackage(own)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(allowed.toArray(String[]::new));
    }
  }
}
