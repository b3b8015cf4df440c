#!/usr/bin/env bash
# Microsoft's Agents Playground as the Teams of the demo: scripts/playground.sh clicks in a card of its own, with `decisions` an
# approver and whoever trained the model decide in it as well, and `open [persona]` stays.
# It is Microsoft's pre-release software under a licence of its own (evaluation and feedback only), so it is no dependency of
# this repository: whoever runs this script installs it, below .cache.
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

VERSION=0.2.28
FOLDER=.cache/playground
# Not there and not to be had: whoever counts calls that skipped.
ABSENT=77

need_cargo
need_node

if ! grep -qs "\"version\": \"$VERSION\"" "$FOLDER/node_modules/@microsoft/m365agentsplayground/package.json"; then
    say "npm: installing Microsoft's Agents Playground $VERSION, under its own licence for evaluation"
    mkdir -p "$FOLDER"
    printf '{"private": true}\n' >"$FOLDER/package.json"
    (cd "$FOLDER" && npm install --ignore-scripts --no-audit --no-fund --no-save --loglevel=error \
        "@microsoft/m365agentsplayground@$VERSION" >/dev/null 2>&1) || {
        say "skipped: npm could not install @microsoft/m365agentsplayground@$VERSION"
        exit "$ABSENT"
    }
fi
npm_install all || fail "npm could not install $BROWSER_DIR/package-lock.json"
cargo build --locked --quiet -p liftlock -p liftlock-local
exec node "$BROWSER_DIR/playground.mjs" "$@"
