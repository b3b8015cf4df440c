# shellcheck shell=bash
# Shared by the scripts beside it, which source it first. bash.
# Every script says what it does within a second and names a missing tool in one sentence.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Tools that are built or installed once for all checkouts: scripts/tools.sh.
TOOLS=${LIFTLOCK_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/liftlock/tools}
PATH=$PATH:$TOOLS/bin
BROWSER_DIR=tests/browser

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

need_cargo() {
    have cargo || fail "cargo is not here: install Rust 1.95 or later (rustup), then run this again"
}

need_python() {
    have python3 || fail "python3 is not here: install Python 3.11 or later, then run this again"
}

# Node 20 or later, with npm. Older ones cannot read the packages.
have_node() {
    have node && have npm && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]
}

need_node() {
    have_node || fail "Node 20 or later with npm is not here: install it, then run this again"
}

# Fetches the crates first, so that no network is one sentence and not a page of cargo's.
fetch_crates() {
    local host problem
    host=$(rustc -vV | sed -n 's/^host: //p')
    problem=$(cargo fetch --locked --quiet --target "$host" 2>&1) || {
        tail -n 5 <<<"$problem" >&2
        fail "crates could not be fetched: is crates.io reachable from here, and Cargo.lock up to date?"
    }
}

# npm_install runtime|all: installs what package-lock.json names unless that is there already.
npm_install() {
    local stamp=$BROWSER_DIR/node_modules/.liftlock-$1 arguments=()
    [ "$1" = all ] || arguments=(--omit=dev)
    if [ "$1" = runtime ] && fresh "$BROWSER_DIR/node_modules/.liftlock-all"; then return; fi
    if fresh "$stamp"; then return; fi
    say "npm: installing the card renderer$([ "$1" = all ] && echo ", browser driver and storage emulator")"
    (cd "$BROWSER_DIR" && npm ci --ignore-scripts --loglevel=error ${arguments[@]+"${arguments[@]}"} >/dev/null 2>&1) || return 1
    touch "$stamp"
}

fresh() { [ -f "$1" ] && [ "$1" -nt "$BROWSER_DIR/package-lock.json" ]; }

# venv NAME REQUIREMENTS: a virtual environment below .cache with these requirements.
venv() {
    local folder=.cache/$1
    if [ -f "$folder/.ready" ] && [ "$folder/.ready" -nt "$2" ]; then return; fi
    say "pip: installing $2"
    python3 -m venv "$folder" || return 1
    "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$2" || return 1
    touch "$folder/.ready"
}

# The browser of CHROMIUM, else one by its usual names; nothing where there is none.
find_browser() {
    local name
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
        if [ -n "$name" ] && have "$name"; then
            command -v "$name"
            return
        fi
    done
}
