#!/usr/bin/env bash
# npm run soak: builds and soaks; arguments go to the program.
. "$(dirname "${BASH_SOURCE[0]}")/bootstrap.sh"

need_node
need_node_modules
need_build
exec node "$project/build/test/soak/main.js" "$@"
