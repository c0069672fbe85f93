#!/usr/bin/env bash
# npm run fuzz, soak, torture:…: builds and runs a program of build/test; arguments after its path go to it.
. "$(dirname "${BASH_SOURCE[0]}")/bootstrap.sh"

need_node
need_c_compiler
need_node_modules
need_build
exec node "$project/build/test/${1:?which program}.js" "${@:2}"
