#!/usr/bin/env bash
# npm run fuzz: builds and fuzzes; arguments go to the fuzzer.
. "$(dirname "${BASH_SOURCE[0]}")/bootstrap.sh"

need_node
need_node_modules
need_build
exec node "$project/build/test/fuzz/main.js" "$@"
