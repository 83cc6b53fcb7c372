#!/usr/bin/env bash
# Feeds what reads strangers' bytes with what nobody would write: scripts/fuzz.sh [TARGET...]
# CARINA_FUZZ_SECONDS (60) each, beginning with the inputs of the tests and what earlier runs found;
# `differential` gives CARINA_FUZZ_CASES (a million) to us and to a reader in the engines' language,
# the same ones for the same CARINA_FUZZ_SEED and inputs to begin with.
# An input that breaks a property is left in target/fuzz/found: make it a unit test, then mend.
source "$(dirname "$0")/env.sh"
cd "$ROOT"

TARGETS=("$@")
[ ${#TARGETS[@]} -gt 0 ] || TARGETS=(route query json model policy expression differential)
SECONDS_EACH=${CARINA_FUZZ_SECONDS:-60}
work=$CARGO_TARGET_DIR/fuzz
seeds=$work/seeds
guided=()
for target in "${TARGETS[@]}"; do [ "$target" = differential ] || guided+=("$target"); done

command -v c++ >/dev/null || fail "a C++ compiler is missing: scripts/setup.sh build"
rm -rf "$seeds"
mkdir -p "$work/found"

say "writing the seeds"
CARINA_WRITE_SEEDS=$seeds cargo test --quiet -p swarm --lib the_tests_inputs_are_seeds >/dev/null ||
    fail "the seeds could not be written"

bad=()
if [ ${#guided[@]} -gt 0 ]; then
    # Without a sanitizer the stable toolchain will do: there is no unsafe code of ours to watch.
    say "building the targets"
    CARGO_TARGET_DIR=$work cargo fuzz build --sanitizer none || fail "the targets could not be built"
fi
for target in "${guided[@]}"; do
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

# Last: it begins with what the others have found out to be of interest.
if [[ " ${TARGETS[*]} " == *" differential "* ]]; then
    command -v go >/dev/null || fail "Go is missing: scripts/setup.sh fuzz"
    say "building the reader and what feeds it"
    (cd fuzz/go && export GOFLAGS=-buildvcs=false GOTOOLCHAIN=local && go vet . && go build -trimpath -o "$work/reader" .) ||
        fail "the reader could not be built"
    CARGO_TARGET_DIR=$work cargo build --quiet --release --manifest-path fuzz/Cargo.toml -p differential ||
        fail "what feeds the reader could not be built"
    say "asking the reader ${CARINA_FUZZ_CASES:-1000000} times"
    mkdir -p "$work/corpus"
    log=$work/differential.log
    if "$work/release/differential" "$work/reader" swarm/src/api/moby-routes.txt "$seeds" "$work/found" \
        "$work/corpus" >"$log" 2>&1; then
        cat "$log" >&2
    else
        tail -n 60 "$log" >&2
        bad+=(differential)
    fi
fi
[ ${#bad[@]} -eq 0 ] || fail "found something: ${bad[*]} (inputs in $work/found, logs in $work)"
