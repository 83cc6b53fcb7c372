#!/usr/bin/env bash
# Measures the release build on this machine and writes docs/benchmarks.md.
# CARINA_BENCH_RUNS and CARINA_BENCH_CALLS make it shorter.
source "$(dirname "$0")/env.sh"
[ "$(id -u)" = 0 ] || fail "run as root: it makes real segments"
export CARINA_BIN=${CARINA_BIN:-$CARGO_TARGET_DIR/release/carina}
exec node "$ROOT/end2end/bench.mjs"
