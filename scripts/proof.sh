#!/usr/bin/env bash
# make proof: every part of the proof that nothing is lost and nothing happens twice. docs/TESTING.md says what each is.
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

say "proof: crashes, delayed writes, faults, orders, workers, other hands, lost messages, worse candidates"
need_cargo
fetch_crates

# Every error of the Azure SDK takes a backtrace where RUST_BACKTRACE is set: a sixth of the time, and nobody reads one.
export RUST_LIB_BACKTRACE=0

failed=()
cargo build --locked --profile proof -p liftlock-proof
prove() { target/proof/liftlock-proof "$@" || failed+=("$1"); }

# What plays on which story, and why not everything on each, is in docs/TESTING.md.
prove crash
prove twin
prove faults --story promote --story first
prove order --cases 10000
prove workers --cases 12
prove others --story promote --story first --story abort-shifting --story roll-back-shifting --story roll-back-live
prove lost --cases 5
prove watched --cases 100

[ ${#failed[@]} -eq 0 ] || fail "proof: failed: ${failed[*]}"
say "proof: all well in $((SECONDS / 60)) min $((SECONDS % 60)) s"
