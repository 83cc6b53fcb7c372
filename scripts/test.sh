#!/usr/bin/env bash
# Every suite, fast ones first. `scripts/test.sh STAGE...` runs only those stages.
# The sum is printed last and written to target/test-summary; the exit code is that of the whole.
source "$(dirname "$0")/env.sh"
cd "$ROOT"

STAGES=("$@")
[ ${#STAGES[@]} -gt 0 ] || STAGES=(lint build unit host live browser real)

logs=$CARGO_TARGET_DIR/test-logs
summary=$CARGO_TARGET_DIR/test-summary
# `--unit` is this script called by itself: the logs are being written.
[ "${1:-}" = --unit ] || rm -rf "$logs" "$summary"
mkdir -p "$logs"
started=$SECONDS
failed_stages=()

# What cargo, Playwright and Python say at their ends, added up over all logs.
sum() { # passed|failed
    { cat "$logs"/*.log 2>/dev/null || true; } | sed 's/\x1b\[[0-9;]*m//g' | awk -v what="$1" '
        /^test result: / { for (i = 1; i < NF; i++) if ($(i + 1) == what ";") n += $i }
        /^ +[0-9]+ (passed|failed|flaky|interrupted)/ {
            is = $2 == "passed" || $2 == "flaky" ? "passed" : "failed"
            if (is == what) n += $1
        }
        /^Ran [0-9]+ tests? in / { ran = $2 }
        /^(OK|FAILED)( \(.*\))?$/ {
            bad = 0
            while (match($0, /(failures|errors)=[0-9]+/)) {
                split(substr($0, RSTART, RLENGTH), pair, "=")
                bad += pair[2]
                $0 = substr($0, RSTART + RLENGTH)
            }
            n += what == "failed" ? bad : (ran > bad ? ran - bad : 0)
            ran = 0
        }
        END { print n + 0 }'
}

finish() {
    local passed failed
    passed=$(sum passed)
    failed=$(sum failed)
    # A stage that broke before its tests could say so is a failure too.
    [ ${#failed_stages[@]} -eq 0 ] || [ "$failed" -gt 0 ] || failed=${#failed_stages[@]}
    echo "$passed passed, $failed failed" >"$summary"
    say "$((SECONDS - started)) s in all${failed_stages[*]:+; failed: ${failed_stages[*]} (logs: $logs)}"
    cat "$summary"
    [ "$failed" = 0 ]
}

stage() { # name command...
    local name=$1 from=$SECONDS
    shift
    [[ " ${STAGES[*]} " == *" $name "* ]] || return 0
    say "stage $name"
    # A pipe, so that the log and the terminal both see it; pipefail keeps the code.
    if "$@" 2>&1 | tee "$logs/$name.log"; then
        say "stage $name: $((SECONDS - from)) s"
    else
        say "stage $name FAILED after $((SECONDS - from)) s"
        failed_stages+=("$name")
    fi
}

cargo_test() { cargo test --quiet "${PACKAGE_FLAGS[@]}" --no-fail-fast "$@"; }

# One build of everything native, in the profile and with the features that all stages use; the
# programs come with it, because integration tests need them. (No `set -e` below `stage`: chains.)
build() {
    scripts/build.sh static && scripts/build.sh probe && scripts/build.sh page && say "building the tests" &&
        cargo_test --lib --bins --tests --no-run && [ -x "$CARGO_TARGET_DIR/debug/carina" ]
}

unit() { scripts/postgres-test.sh "${BASH_SOURCE[0]}" --unit; }

# Real segments and real engines: prepares this machine as `make run` does, then the tests on it.
host() {
    [ "$(id -u)" = 0 ] || fail "run as root: the tests make real segments"
    "$CARGO_TARGET_DIR/debug/carina" host prepare &&
        CARINA_TEST_LIBVIRT=1 cargo_test --test libvirt -- --nocapture "$REAL_HOST" &&
        CARINA_TEST_LIBVIRT=1 cargo_test --test segment -- --nocapture "$REAL_SEGMENT" &&
        CARINA_TEST_LIBVIRT=1 cargo_test --test escape -- --nocapture "$REAL_ESCAPE" &&
        CARINA_TEST_ROOT=${CARINA_TEST_ROOT-$(segment_tree)} CARINA_TEST_ENGINES=1 \
            CARINA_TEST_CLIENTS=$CLIENTS \
            cargo_test --test engines -- --nocapture "${REAL_ENGINES[@]}"
}

# The packages' tree that segments are made from; `host prepare` leaves exactly one. The engines of
# the test come out of it (CARINA_TEST_ROOT= takes this machine's instead).
segment_tree() { compgen -G '/var/lib/carina/cache/base-*'; }

# The tests that need a prepared machine, named once: `unit` leaves them out, `host` runs them.
REAL_HOST=libvirt_keeps_the_contract
REAL_SEGMENT=a_segment_runs_its_engine
REAL_ESCAPE=nobody_gets_out
REAL_ENGINES=(the_cluster_behaves the_checklist_is_kept unchanged_clients_work)

playwright() { (cd end2end && CI=${CI:-} npx --no-install playwright test "$@"); }

case ${1:-} in
    --unit)
        cargo_test --lib --bins --tests -- --skip "$REAL_HOST" --skip "$REAL_SEGMENT" \
            --skip "$REAL_ESCAPE" "${REAL_ENGINES[@]/#/--skip=}"
        exit
        ;;
esac

stage lint scripts/lint.sh
stage build build
# Nothing below can run without what that built.
if [[ " ${failed_stages[*]} " == *" build "* ]]; then finish; exit; fi
stage unit unit
stage host host
stage live playwright --project=live
stage browser playwright --project=browser
stage real playwright --project=real
finish
