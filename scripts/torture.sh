#!/usr/bin/env bash
# npm run torture: builds and runs every harness of docs/reliability.md, one after the other, and says last which failed.
#   npm run torture                  each in its usual form, the soak for an hour: for every night
#   npm run torture -- --long        each in its long form, the soak for two hours: before a release
#   npm run torture -- crash soak    only those
. "$(dirname "${BASH_SOURCE[0]}")/bootstrap.sh"

harnesses=(crash points storage network isolation oracles secrets decoders fuzz soak)
long=() chosen=()
for argument in "$@"; do
  case $argument in
    --long) long=(--long) ;;
    --help)
      sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    -*) die "unknown option $argument; see npm run torture -- --help" ;;
    *)
      [[ " ${harnesses[*]} " == *" $argument "* ]] || die "no harness is called $argument; there are ${harnesses[*]}"
      chosen+=("$argument")
      ;;
  esac
done
[ ${#chosen[@]} -gt 0 ] || chosen=("${harnesses[@]}")

need_node
need_c_compiler
need_node_modules
need_build

failed=()
for harness in "${chosen[@]}"; do
  step "$harness"
  case $harness in
    fuzz) run=(fuzz/main "${long[@]}") ;;
    soak) run=(soak/main --minutes "$([ ${#long[@]} -gt 0 ] && echo 120 || echo 60)") ;;
    isolation) [ ${#long[@]} -gt 0 ] && run=(torture/isolation/main --long) || run=(torture/isolation/main --pairs 200) ;;
    *) run=("torture/$harness/main" "${long[@]}") ;;
  esac
  node "$project/build/test/${run[0]}.js" "${run[@]:1}" || failed+=("$harness")
done
[ ${#failed[@]} = 0 ] || die "failed: ${failed[*]}"
step "all passed: ${chosen[*]}"
