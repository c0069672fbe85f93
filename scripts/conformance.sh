#!/usr/bin/env bash
# npm run conformance: builds and plays the OASIS test cases; arguments go to the runner.
. "$(dirname "${BASH_SOURCE[0]}")/bootstrap.sh"

need_node
need_node_modules
need_build
exec node "$project/build/conformance/main.js" "$@"
