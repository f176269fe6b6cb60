# The sidecar as a container image: it starts `kumarun run` and takes its settings from the environment.
FROM eclipse-temurin:25-jdk AS build
RUN apt-get update && apt-get install -y --no-install-recommends maven && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN mvn -B -q -Dquick -DskipTests -pl sidecar -am package

FROM eclipse-temurin:25-jre
COPY --from=build /src/sidecar/target/quick/kumarun-sidecar-*.jar /opt/kumarun/kumarun.jar
COPY --from=build /src/sidecar/target/quick/lib /opt/kumarun/lib
# Numeric, because Cloud Run resolves no names.
USER 65532
# As bin/kumarun: SIGUSR2 drains, so the JVM gets another signal for itself.
ENV _JAVA_SR_SIGNUM=44
# The shell is for KUMARUN_JAVA_OPTS; exec, so that signals reach the sidecar itself.
ENTRYPOINT ["/bin/sh", "-c", "exec java -XX:+UseSerialGC -XX:+UseCompactObjectHeaders -Xmx64m -Xss512k \
    -XX:+ExitOnOutOfMemoryError -XX:-UsePerfData -Xlog:disable -Xlog:all=warning:stderr \
    --sun-misc-unsafe-memory-access=allow -Dio.netty.leakDetection.level=disabled \
    $KUMARUN_JAVA_OPTS -jar /opt/kumarun/kumarun.jar \"$@\"", "kumarun"]
CMD ["run"]
