#!/usr/bin/env bash
# make check: every check runs, the failed ones are named at the end. Changes nothing.
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

say "check: format, lints, docs, dependencies, spelling, schema"
need_cargo
for tool in cargo-deny cargo-machete typos; do
    have "$tool" || fail "$tool is not here: scripts/tools.sh installs it (minutes, once for all checkouts)"
done
fetch_crates

failed=()
check() {
    local name=$1 began=$SECONDS
    shift
    say "check: $name"
    if "$@"; then
        say "check: $name ok ($((SECONDS - began)) s)"
    else
        say "check: $name FAILED"
        failed+=("$name")
    fi
}

docs() { RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps; }

schema() {
    cargo build --locked --workspace --bins || return 1
    if target/debug/liftlock schema | diff -u docs/liftlock.schema.json - &&
        target/debug/liftlock schema --tests | diff -u docs/user-test.schema.json -; then return; fi
    say "write it again: target/debug/liftlock schema > docs/liftlock.schema.json, … schema --tests > docs/user-test.schema.json"
    return 1
}

check format cargo fmt --all --check
check lints cargo clippy --locked --workspace --all-targets -- -D warnings
check docs docs
check dependencies cargo deny --log-level error check bans licenses sources
check "unused dependencies" cargo machete
check spelling typos
check schema schema

[ ${#failed[@]} -eq 0 ] || fail "check: failed: $(IFS=,; echo "${failed[*]}")"
say "check: all ok in $SECONDS s"
