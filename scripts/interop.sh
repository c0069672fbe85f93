#!/usr/bin/env bash
# npm run interop: builds and runs suites with real clients by their names; without one it lists them.
. "$(dirname "${BASH_SOURCE[0]}")/bootstrap.sh"

need_node
need_node_modules
need_build
exec node "$project/build/conformance/interop/main.js" "$@"
