#!/usr/bin/env bash
# npm test: installs what the tests need, builds, and runs all tests or, with names, those whose path has one of them:
#   npm test -- ttlv net/listener
. "$(dirname "${BASH_SOURCE[0]}")/bootstrap.sh"

cd "$project"

# Debian packages that tests use beside the server's own, each with the file that shows it is there.
need_test_packages() {
  local missing=() package file
  while read -r package file; do
    compgen -G "$file" >/dev/null || missing+=("$package")
  done <<'PACKAGES'
softhsm2 /usr/lib/softhsm/libsofthsm2.so
softhsm2 /usr/bin/softhsm2-util
python3-pykmip /usr/lib/python3/dist-packages/kmip/__init__.py
postgresql /usr/lib/postgresql/*/bin/initdb
opensc /usr/bin/pkcs11-tool
p11-kit /usr/bin/p11-kit
p11-kit-modules /usr/lib/*/p11-kit-proxy.so
cryptsetup-bin /sbin/cryptsetup
qemu-utils /usr/bin/qemu-io
restic /usr/bin/restic
libmongocrypt-dev /usr/include/mongocrypt/mongocrypt.h
build-essential /usr/bin/g++
openssl /usr/bin/openssl
libnss3 /usr/lib/*/libsoftokn3.so
libfaketime /usr/lib/*/faketime/libfaketimeMT.so.1
PACKAGES
  [ ${#missing[@]} -gt 0 ] || return 0
  install_packages "${missing[@]}" || step "could not install ${missing[*]}: tests that need them will be skipped.
To run them too: sudo apt-get install ${missing[*]}"
}

need_node
need_test_packages
need_c_compiler
need_node_modules
need_build

names=() options=()
for argument in "$@"; do
  if [[ $argument == -* ]]; then options+=("$argument"); else names+=("$argument"); fi
done
# Those that take longest come first, so that none of them is alone at the end.
mapfile -t all < <(find build/test -name '*.test.js' | LC_ALL=C sort | sed -E \
  's,^build/test/(at-length|torture|fuzz|soak)/,1 &,; t; s,^,2 &,' | LC_ALL=C sort -s -k1,1 | cut -d ' ' -f 2-)
files=()
[ ${#names[@]} -gt 0 ] || files=("${all[@]}")
for name in "${names[@]}"; do
  name=${name%.ts}
  mapfile -t found < <(printf '%s\n' "${all[@]}" | grep -F -- "$name" | LC_ALL=C sort)
  [ ${#found[@]} -gt 0 ] || die "no test file has \"$name\" in its path"
  files+=("${found[@]}")
done

KEYREEVE_TEST_HOME=$(node build/test/support/prepare-home.js)
export KEYREEVE_TEST_HOME
trap 'rm -rf "$KEYREEVE_TEST_HOME"' EXIT

# Not by `tap run`, which has every process of a test load its own hooks: a server's start then costs twice its time.
node scripts/run-tests.mjs "${options[@]}" "${files[@]}" </dev/null |
  tee build/test-results.tap | node scripts/report-tests.mjs
