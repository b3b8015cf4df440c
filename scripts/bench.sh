#!/usr/bin/env bash
# make bench: packages the release binary, then measures it beside its peers.
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

say "bench: start and idle memory of the release binary"
need_python
need_node
scripts/package.sh
python3 -B bench/start.py target/app
