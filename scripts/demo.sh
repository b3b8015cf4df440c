#!/usr/bin/env bash
# make demo: builds, then hands over to liftlock-local. PROFILE=dev reuses what the tests have built.
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

profile=${PROFILE:-demo}
folder=target/$profile
[ "$profile" = dev ] && folder=target/debug

say "demo: building Liftlock and its simulated cloud (the first time takes some minutes)"
need_cargo
fetch_crates
if have_node; then
    npm_install runtime || say "demo: npm could not install the card renderer; cards are shown plainly"
else
    say "demo: Node 20 or later with npm is not here; cards are shown plainly"
fi
cargo build --locked --profile "$profile" --package liftlock --package liftlock-local

arguments=()
if [ -n "${AUTO:-}" ]; then arguments+=(--auto); fi
if [ -n "${SCENARIO:-}" ]; then arguments+=(--scenario "$SCENARIO"); fi
if [ -n "${PORT:-}" ]; then arguments+=(--port "$PORT"); fi
if [ -n "${BOT:-}" ]; then arguments+=(--bot); fi
exec "$folder/liftlock-local" demo ${arguments[@]+"${arguments[@]}"}
