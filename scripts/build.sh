#!/usr/bin/env bash
# npm run build: installs the npm packages if need be and compiles.
. "$(dirname "${BASH_SOURCE[0]}")/bootstrap.sh"

need_node
need_node_modules
build
