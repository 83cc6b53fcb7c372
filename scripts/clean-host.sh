#!/usr/bin/env bash
# Takes everything of Carina's off this host: segments, networks, volumes, mounts, hook, image.
# The panel's own data stays unless it is asked for: scripts/clean-host.sh --data
source "$(dirname "$0")/env.sh"
[ "$(id -u)" = 0 ] || fail "run as root"

for carina in "$CARGO_TARGET_DIR/release/carina" "$CARGO_TARGET_DIR/debug/carina"; do
    [ -x "$carina" ] && exec "$carina" host clean "$@"
done
fail "build first: make build"
