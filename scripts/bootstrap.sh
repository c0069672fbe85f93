# What the other scripts share: finding the project, installing what is missing, building what has changed.
# Sourced, not run. Progress goes to stderr, because stdout belongs to the program that is started.

set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

step() { printf 'keyreeve: %s\n' "$*" >&2; }

die() {
  printf 'keyreeve: %s\n' "$*" >&2
  exit 1
}

need_node() {
  command -v node >/dev/null || die "Node.js 20.17 or newer is needed and there is no node on the PATH"
  node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 20 || (major === 20 && minor >= 17) ? 0 : 1)' ||
    die "Node.js 20.17 or newer is needed; this is $(node --version)"
  command -v npm >/dev/null || die "npm is needed and is not on the PATH (Debian: it comes with Node.js from nodesource, or as the package npm)"
}

# How a command runs as root, where that is permitted without a question: nothing, "sudo -n", or failure.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    sudo -n "$@"
  else
    return 77
  fi
}

# Installs Debian packages. Fails where that is not permitted or not possible; the caller says what follows.
install_packages() {
  command -v apt-get >/dev/null || return 77
  as_root true || return 77
  step "installing $* with apt-get"
  local options=(-y -q --no-install-recommends -o Dpkg::Use-Pty=0)
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${options[@]}" "$@" </dev/null >&2 && return 0
  step "fetching the package lists first"
  as_root apt-get update -q </dev/null >&2 || return 1
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${options[@]}" "$@" </dev/null >&2
}

# require_packages "what it is for" PACKAGE...
require_packages() {
  local purpose=$1
  shift
  install_packages "$@" || die "$purpose: this needs the packages $*, which could not be installed from here.
Install them and start again:
    sudo apt-get install $*"
}

# Does nothing when the installation belongs to this package-lock.json and this version of Node, or holds the same packages
# as the file as it is now: it may have changed without them.
need_node_modules() {
  local stamp="$project/node_modules/.keyreeve-installed" modules wanted
  modules=$(node -p process.versions.modules)
  wanted="$(sha256sum <"$project/package-lock.json") $modules"
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then return 0; fi
  if { [ ! -f "$stamp" ] || [[ $(cat "$stamp") == *" $modules" ]]; } && (cd "$project" && node scripts/installed.mjs); then
    # A new file, since copies of the folder may share the old one.
    rm -f "$stamp"
    printf '%s' "$wanted" >"$stamp"
    return 0
  fi
  [ ! -L "$project/node_modules" ] || die "node_modules is a link and does not fit package-lock.json; install there yourself"
  need_compiler
  step "installing the npm packages; native add-ons are compiled, which takes a few minutes"
  use_local_node_headers
  case $project in
    *[[:space:]]*) install_elsewhere ;;
    *) clean_install "$project" ;;
  esac
  printf '%s' "$wanted" >"$stamp"
}

clean_install() {
  (cd "$1" && JOBS=max npm ci --no-audit --no-fund </dev/null >&2) || die "npm ci failed; its messages stand above"
}

# The makefiles of the native add-ons break on spaces in their path, so they are compiled where there are none.
install_elsewhere() {
  local stage
  stage=$(mktemp -d /tmp/keyreeve-install.XXXXXX)
  cp "$project/package.json" "$project/package-lock.json" "$stage/"
  (clean_install "$stage") || {
    rm -rf "$stage"
    exit 1
  }
  rm -rf "$project/node_modules"
  mv "$stage/node_modules" "$project/node_modules"
  rm -rf "$stage"
}

need_compiler() {
  if command -v make >/dev/null && command -v g++ >/dev/null && command -v python3 >/dev/null; then return 0; fi
  require_packages "native add-ons are compiled on this machine" build-essential python3
}

# Tests and benchmarks put a PKCS#11 module of their own, in C, before the real one.
need_c_compiler() {
  command -v cc >/dev/null || require_packages "a C compiler (cc) builds the PKCS#11 module of the tests" build-essential
}

# With the headers of this very version under /usr/include/node the add-ons compile without a download.
use_local_node_headers() {
  local prefix=${1:-/usr} headers
  [ -f "$prefix/include/node/node.h" ] || return 0
  headers=$(sed -n 's/^#define NODE_MODULE_VERSION \([0-9][0-9]*\)$/\1/p' "$prefix/include/node/node_version.h")
  if [ "$headers" = "$(node -p process.versions.modules)" ]; then export npm_config_nodedir="$prefix"; fi
}

# Everything the compiler reads, one path a line.
sources() {
  (cd "$project" && find . \( -path ./node_modules -o -path ./build -o -path ./.git -o -path ./.tap \) -prune -o \
    -name '*.ts' -print | LC_ALL=C sort)
}

# Compiles when a source is newer than the last build, or when files came or went.
need_build() {
  local stamp="$project/build/.built" list
  list=$(sources)
  if [ -f "$stamp" ] && [ "$list" = "$(cat "$stamp")" ] && [ -z "$(newer_than "$stamp")" ]; then
    link_command
    return 0
  fi
  build "$list"
}

newer_than() {
  (cd "$project" && { sources && printf '%s\n' package.json package-lock.json tsconfig.json; } | tr '\n' '\0' |
    find -files0-from - -newer "$1" -print -quit)
}

build() {
  local list=${1-$(sources)} started
  step "building"
  started=$(mktemp)
  remove_orphans
  (cd "$project" && node_modules/.bin/tsc -p . >&2) || die "the build failed; the compiler's messages stand above"
  printf '%s\n' "$list" >"$project/build/.built"
  # Sources that were changed while the compiler ran shall be newer than the stamp.
  touch -r "$started" "$project/build/.built"
  rm -f "$started"
  link_command
}

# Removes compiled files whose source is gone: a test that was deleted must not go on running.
remove_orphans() {
  [ -d "$project/build" ] || return 0
  local compiled
  while IFS= read -r -d '' compiled; do
    [ -f "$project/${compiled%.js}.ts" ] || rm -f "$project/build/$compiled" "$project/build/$compiled.map"
  done < <(cd "$project/build" && find . -name '*.js' -printf '%P\0')
}

# `npx keyreeve` finds the command of the project it stands in only through node_modules/.bin.
link_command() {
  local link="$project/node_modules/.bin/keyreeve"
  [ -x "$link" ] || ln -sfn ../../scripts/keyreeve.mjs "$link"
}
