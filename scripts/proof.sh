#!/usr/bin/env bash
# make proof: every part of the proof that nothing is lost and nothing happens twice. docs/TESTING.md says what each is.
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

say "proof: crashes, delayed writes, faults, orders, workers, other hands, lost messages"
need_cargo
fetch_crates

failed=()
cargo build --locked --profile proof -p liftlock-proof
prove() { target/proof/liftlock-proof "$@" || failed+=("$1"); }

prove crash
prove twin
# Every fault at every call multiplies: the other stories are there for whoever has the time.
prove faults --story promote
prove order --cases 10000
prove workers --cases 12
for story in promote first; do prove others --story "$story"; done
prove lost --cases 5

[ ${#failed[@]} -eq 0 ] || fail "proof: failed: ${failed[*]}"
say "proof: all well in $((SECONDS / 60)) min $((SECONDS % 60)) s"
