#!/usr/bin/env bash
# Starts the panel that `make run` built: this host prepared, then `carina serve` in the foreground.
source "$(dirname "$0")/env.sh"
cd "$ROOT"
[ "$(id -u)" = 0 ] || fail "run as root: the panel makes segments, mounts and networks on this host"

# It finds the page and the static programs beside its own folder.
carina=$CARGO_TARGET_DIR/release/carina

"$carina" host prepare
exec "$carina" serve
