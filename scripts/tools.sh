#!/usr/bin/env bash
# Installs the tools of `make check` once for all checkouts: pinned, outside target/.
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

need_cargo
need_python

# cargo_tool NAME VERSION [ARGUMENTS]
cargo_tool() {
    local name=$1 version=$2
    shift 2
    if "$TOOLS/bin/$name" --version 2>/dev/null | grep -qF "$version"; then return; fi
    say "tools: building $name $version (some minutes, once)"
    cargo install --locked --quiet --root "$TOOLS" "$name@$version" "$@"
}

# typos comes as a wheel with its binary inside.
typos_tool() {
    local version=$1
    if "$TOOLS/bin/typos" --version 2>/dev/null | grep -qF "$version"; then return; fi
    say "tools: installing typos $version"
    python3 -m venv "$TOOLS/python"
    "$TOOLS/python/bin/pip" install --quiet --disable-pip-version-check "typos==$version"
    ln -sf ../python/bin/typos "$TOOLS/bin/typos"
}

mkdir -p "$TOOLS/bin"
typos_tool 1.52.0
cargo_tool cargo-machete 0.9.2
# Without gix: the advisory database is not checked.
cargo_tool cargo-deny 0.20.2 --no-default-features
say "tools: ready in $TOOLS"
