#!/usr/bin/env bash
# Feeds what reads strangers' bytes with what nobody would write: scripts/fuzz.sh [TARGET...]
# CARINA_FUZZ_SECONDS (60) each, beginning with the inputs of the tests and what earlier runs found.
# An input that breaks a property is left in target/fuzz/found: make it a unit test, then mend.
source "$(dirname "$0")/env.sh"
cd "$ROOT"

TARGETS=("$@")
[ ${#TARGETS[@]} -gt 0 ] || TARGETS=(route query json model policy expression)
SECONDS_EACH=${CARINA_FUZZ_SECONDS:-60}
work=$CARGO_TARGET_DIR/fuzz
seeds=$work/seeds

command -v c++ >/dev/null || fail "a C++ compiler is missing: scripts/setup.sh build"
rm -rf "$seeds"
mkdir -p "$work/found"

say "writing the seeds"
CARINA_WRITE_SEEDS=$seeds cargo test --quiet -p swarm --lib the_tests_inputs_are_seeds >/dev/null ||
    fail "the seeds could not be written"

# Without a sanitizer the stable toolchain will do: there is no unsafe code of ours to watch.
say "building the targets"
CARGO_TARGET_DIR=$work cargo fuzz build --sanitizer none || fail "the targets could not be built"

bad=()
for target in "${TARGETS[@]}"; do
    say "fuzzing $target for $SECONDS_EACH s"
    mkdir -p "$work/corpus/$target"
    log=$work/$target.log
    if "$work/$HOST_TRIPLE/release/$target" "$work/corpus/$target" "$seeds/$target" \
        -max_total_time="$SECONDS_EACH" -timeout=5 -max_len=8192 \
        -artifact_prefix="$work/found/$target-" >"$log" 2>&1; then
        tail -n 1 "$log" >&2
    else
        tail -n 30 "$log" >&2
        bad+=("$target")
    fi
done
[ ${#bad[@]} -eq 0 ] || fail "found something: ${bad[*]} (inputs in $work/found, logs in $work)"
