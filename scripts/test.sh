#!/usr/bin/env bash
# make test: every step runs, whatever failed before it; the closing lines add up what passed, failed and was skipped.
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

say "test: Rust, the proof, the example's models, every scenario, the browser paths, the cards, the wire"
need_cargo
need_python
need_node
browser=${BROWSER:-$(find_browser)}
[ -n "$browser" ] || fail "no browser is here: install Debian's chromium as root or name one in CHROMIUM, or go on with BROWSER=skip"
fetch_crates

results=$PWD/target/test
rm -rf "$results"
mkdir -p "$results"

# What the suites write, for the steps after them.
export CLOUD_SIM_RECORD=$results/wire.jsonl
export LIFTLOCK_PREDICTIONS=$results/predictions.json
export LIFTLOCK_CARDS=$results/cards

passed=0 failed=0 skipped=0 summary=()

# add STEP PASSED FAILED: a step that failed without counting anything failed counts one.
add() {
    passed=$((passed + $2))
    failed=$((failed + $3))
    summary+=("$(printf '%-10s %s passed, %s failed' "$1" "$2" "$3")")
}

skip() {
    skipped=$((skipped + 1))
    summary+=("$(printf '%-10s skipped: %s' "$1" "$2")")
    say "test: $1 skipped: $2"
}

# run STEP COMMAND…: shows the output, keeps it in the step's log, returns the command's status.
run() {
    local step=$1
    shift
    say "test: $step"
    "$@" 2>&1 | tee "$results/$step.log"
}

# count STEP STATUS PASSED FAILED
count() {
    local bad=$4
    if [ "$2" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    if [ "$2" -eq 0 ] && [ "$3" -eq 0 ] && [ "$bad" -eq 0 ]; then
        say "test: $1 ran nothing"
        bad=1
    fi
    add "$1" "$3" "$bad"
}

# total STEP PATTERN: adds up the first number of every match in the step's log.
total() { grep -oE "$2" "$results/$1.log" | grep -oE '[0-9]+' | awk '{ n += $1 } END { print n + 0 }'; }

# The numbered attacks among the suite's tests, said by themselves: nobody finds them among a thousand others.
attacks() {
    local named='^test .*::attack_[0-9]{2}_[a-z0-9_]+ \.\.\. '
    say "test: attacks: $(grep -cE "${named}ok$" "$1" || true) of $(grep -cE "$named" "$1" || true) passed"
}

rust() {
    local status=0
    run rust cargo test --locked --workspace --no-fail-fast || status=$?
    count rust "$status" "$(total rust '[0-9]+ passed;')" "$(total rust '[0-9]+ failed;')"
    attacks "$results/rust.log"
    while read -r left_out; do skip bot-oracle "$left_out"; done < <(sed -n 's/^.*skipped: bot-oracle //p' "$results/rust.log")
    while read -r left_out; do skip storage "$left_out"; done < <(sed -n 's/^.*skipped: storage //p' "$results/rust.log")
}

# A part of the proof counts as one here; its own counts stand above.
proof() {
    local status=0 well bad
    run proof scripts/proof.sh || status=$?
    well=$(grep -cE '^proof [a-z]+: .*, 0 failed ' "$results/proof.log" || true)
    bad=$(grep -E '^proof [a-z]+: [0-9]' "$results/proof.log" | grep -cvE ', 0 failed ' || true)
    count proof "$status" "$well" "$bad"
}

models() {
    local status=0 arguments=()
    venv python tests/python/requirements.txt || { count models 1 0 1; return; }
    if [ -f "$LIFTLOCK_PREDICTIONS" ]; then
        arguments=(--predictions "$LIFTLOCK_PREDICTIONS")
    else
        skip simulator "no suite wrote its predictions to compare with MLflow's"
    fi
    run models .cache/python/bin/python -B tests/python/check_models.py "${arguments[@]}" || status=$?
    count models "$status" "$(total models '^[0-9]+ passed')" "$(total models '[0-9]+ failed$')"
}

# Every card that a test has read, held against Microsoft's schema and read by Microsoft's renderer.
cards() {
    local status=0
    if [ ! -d "$LIFTLOCK_CARDS" ]; then
        skip cards "no suite wrote its cards"
        return
    fi
    venv cards tests/python/cards.txt || { count cards 1 0 1; return; }
    run cards cards_checked || status=$?
    count cards "$status" "$(total cards ' [0-9]+ passed')" "$(total cards '[0-9]+ failed$')"
}

cards_checked() {
    local status=0
    .cache/cards/bin/python -B tests/python/check_cards.py "$LIFTLOCK_CARDS" || status=$?
    node "$BROWSER_DIR/check_cards.mjs" "$LIFTLOCK_CARDS" || status=$?
    return "$status"
}

scenarios() {
    local status=0 ok bad
    AUTO=1 SCENARIO=all PROFILE=dev run scenarios timeout 1200 scripts/demo.sh || status=$?
    ok=$(grep -cE '^scenario [a-z-]+: ok$' "$results/scenarios.log" || true)
    bad=$(grep -E '^scenario [a-z-]+: ' "$results/scenarios.log" | grep -cvE ': ok$' || true)
    count scenarios "$status" "$ok" "$bad"
}

browser() {
    local status=0
    if [ "$browser" = skip ]; then
        skip browser "BROWSER=skip"
        return
    fi
    CHROMIUM=$browser run browser browser_paths || status=$?
    count browser "$status" "$(grep -cE '^ok ' "$results/browser.log" || true)" \
        "$(grep -cE '^not ok ' "$results/browser.log" || true)"
}

browser_paths() {
    local status=0 path
    for path in main_path two_approvers bot_path; do
        timeout 600 node "$BROWSER_DIR/$path.mjs" || status=$?
    done
    return "$status"
}

# Microsoft's own simulator of Teams is no dependency: where it cannot be installed the step is skipped.
playground() {
    local status=0
    if [ "$browser" = skip ]; then
        skip playground "BROWSER=skip"
        return
    fi
    CHROMIUM=$browser run playground timeout 900 scripts/playground.sh decisions || status=$?
    if [ "$status" -eq 77 ]; then
        skip playground "$(sed -n 's/^skipped: //p' "$results/playground.log")"
        return
    fi
    count playground "$status" "$(grep -cE '^ok ' "$results/playground.log" || true)" \
        "$(grep -cE '^not ok ' "$results/playground.log" || true)"
}

# The published documents are no part of this repository: where they lie beside it, what was said is held against them.
wire() {
    local status=0 validator=../shared/tools/validate_wire.py arguments=()
    if [ ! -f "$validator" ]; then
        skip wire "$validator is not there"
        return
    fi
    if [ -f tests/wire-exceptions.txt ]; then arguments=(--except tests/wire-exceptions.txt); fi
    touch "$CLOUD_SIM_RECORD"
    run wire python3 "$validator" "$CLOUD_SIM_RECORD" "${arguments[@]}" || status=$?
    count wire "$status" "$((status == 0))" "$((status != 0))"
}

if npm_install all; then
    export LIFTLOCK_AZURITE=$PWD/$BROWSER_DIR/node_modules/.bin/azurite-blob
else
    add npm 0 1
    say "test: npm could not install $BROWSER_DIR/package-lock.json"
fi
rust
proof
models
cards
scenarios
browser
playground
wire

say ""
printf '%s\n' "${summary[@]}"
say "test: $((SECONDS / 60)) min $((SECONDS % 60)) s"
if [ "$skipped" -gt 0 ]; then
    say "$passed passed, $failed failed, $skipped skipped"
else
    say "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
