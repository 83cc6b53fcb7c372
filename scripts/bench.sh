#!/usr/bin/env bash
# Measures the release build on this machine and writes docs/benchmarks.md and docs/performance.md.
# CARINA_BENCH_RUNS and CARINA_BENCH_CALLS make it shorter; `scripts/bench.sh manager` measures only
# the manager, `panel` only the rest.
source "$(dirname "$0")/env.sh"
cd "$ROOT"
[ "$(id -u)" = 0 ] || fail "run as root: it makes real segments and engines"
export CARINA_BIN=${CARINA_BIN:-$CARGO_TARGET_DIR/release/carina}
what=${1:-all}
case $what in all | panel | manager) ;; *) fail "measure what? all, panel or manager" ;; esac

# The manager that segments run, with engines made up by the measuring program and a real one.
if [ "$what" != panel ]; then
    say "measuring a manager over up to 1,000 engines"
    # A thousand engines: a socket or two each, on both sides.
    ulimit -n "$(ulimit -Hn)"
    # Built as the static programs are: then nearly all of it is there already. The engine is the one
    # that segments run, where their image has been made.
    CARINA_TEST_SWARM=$CARGO_TARGET_DIR/$HOST_TRIPLE/static/swarm CARINA_BENCH=1 CARINA_WRITE_DOCS=1 \
        CARINA_TEST_ROOT=${CARINA_TEST_ROOT:-$(compgen -G '/var/lib/carina/cache/base-*' | head -n 1)} \
        RUSTFLAGS="$STATIC_RUSTFLAGS" cargo test --quiet --profile static --target "$HOST_TRIPLE" \
        -p swarm --test engines -- --nocapture the_manager_is_measured
fi
[ "$what" = manager ] || exec node "$ROOT/end2end/bench.mjs"
