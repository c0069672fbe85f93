#!/usr/bin/env bash
# npm run bench, bench:many-keys, bench:slow-token: builds and measures; arguments after the name go to the benchmark.
. "$(dirname "${BASH_SOURCE[0]}")/bootstrap.sh"

need_node
need_c_compiler
need_node_modules
need_build
exec node "$project/build/test/bench/${1:?which benchmark}.js" "${@:2}"
