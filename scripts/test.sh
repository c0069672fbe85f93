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
python3-pykmip /usr/lib/python3/dist-packages/kmip/__init__.py
postgresql /usr/lib/postgresql/*/bin/initdb
opensc /usr/bin/pkcs11-tool
openssl /usr/bin/openssl
PACKAGES
  [ ${#missing[@]} -gt 0 ] || return 0
  install_packages "${missing[@]}" || step "could not install ${missing[*]}: tests that need them will be skipped.
To run them too: sudo apt-get install ${missing[*]}"
}

need_node
need_test_packages
need_node_modules
need_build

names=() options=()
for argument in "$@"; do
  if [[ $argument == -* ]]; then options+=("$argument"); else names+=("$argument"); fi
done
files=()
for name in "${names[@]}"; do
  name=${name%.ts}
  mapfile -t found < <(find build/test -name '*.test.js' -path "*$name*" | LC_ALL=C sort)
  [ ${#found[@]} -gt 0 ] || die "no test file has \"$name\" in its path"
  files+=("${found[@]}")
done

results=build/test-results.tap
reporter=min
[ ! -t 1 ] || reporter=terse
rm -f "$results"
status=0
node_modules/.bin/tap run --reporter="$reporter" --output-file="$results" \
  "${options[@]}" "${files[@]}" </dev/null || status=$?
node scripts/count-tests.mjs "$results" || status=1
exit "$status"
