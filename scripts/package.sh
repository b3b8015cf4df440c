#!/usr/bin/env bash
# make package: the deployable folder and its zip, by xtask.
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

say "package: building the release binary (some minutes)"
need_cargo
fetch_crates
cargo run --locked --quiet --package xtask -- package
