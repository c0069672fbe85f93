#!/usr/bin/env bash
# npm start: installs what is missing, builds what has changed, then serves in the foreground.
. "$(dirname "${BASH_SOURCE[0]}")/bootstrap.sh"

# SoftHSM is needed unless the operator has named another PKCS#11 module.
need_hsm() {
  [ -z "${KEYREEVE_HSM_MODULE:-}" ] || return 0
  local configuration="${KEYREEVE_CONFIG:-${KEYREEVE_HOME:-keyreeve-data}/keyreeve.yaml}"
  if [ -f "$configuration" ] && grep -Eq '^[[:space:]]+module:' "$configuration"; then return 0; fi
  [ -e /usr/lib/softhsm/libsofthsm2.so ] || require_packages "the HSM is SoftHSM2 unless you configure another" softhsm2
}

need_node
need_hsm
need_node_modules
need_build
# No core of a process that holds secrets.
ulimit -c 0
exec node "$project/scripts/keyreeve.mjs" serve "$@"
