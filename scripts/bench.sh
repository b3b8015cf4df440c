#!/usr/bin/env bash
# make bench: packages the release binary, measures its start beside its peers, then the handler under load.
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

say "bench: start and idle memory of the release binary, then load (BENCH_QUICK=1: on little)"
need_python
need_node
scripts/package.sh
say "bench: building the simulated cloud for the load (some minutes the first time)"
cargo build --locked --quiet --profile load --package liftlock-local
python3 -B bench/start.py target/app
target/load/liftlock-local bench --handler target/app/liftlock
