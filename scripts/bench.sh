#!/usr/bin/env bash
# npm run bench: builds and measures; arguments go to the benchmark.
. "$(dirname "${BASH_SOURCE[0]}")/bootstrap.sh"

need_node
need_c_compiler
need_node_modules
need_build
exec node "$project/build/test/bench/main.js" "$@"
