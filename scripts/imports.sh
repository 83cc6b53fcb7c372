#!/usr/bin/env bash
# The import law of ARCHITECTURE.md: who may know whom. A new edge is a decision: write it down
# there, then here.
source "$(dirname "$0")/env.sh"
cd "$ROOT"

# crate: the crates of ours it may use in what it ships ("*" is everything).
declare -A MAY=(
    [model]=""
    [wire]=""
    [host]="model wire"
    [pki]="model wire"
    [oidc]="wire"
    [passkey]=""
    [store]="model"
    [engine]="host model wire"
    [host-libvirt]="host model wire"
    [compose]="model"
    [control]="model wire store host pki oidc passkey compose"
    [app]="model control"
    [client]="model"
    [swarm]="wire"
    [segment]="wire"
    [probe]=""
    [server]="*"
)
# library: the only crates that may name it.
declare -A ONLY=(
    [sqlx]="store"
    [virt]="host-libvirt"
    [virt-sys]="host-libvirt"
    [rcgen]="pki"
    [openidconnect]="oidc"
    [webauthn-rs]="passkey"
    [webauthn-rs-core]="passkey"
    [axum]="app server"
    [leptos]="app server"
)

metadata=$(cargo metadata --format-version 1 --no-deps)
bad=0
complain() { echo "import law: $*" >&2; bad=1; }

# Every edge of what is shipped; development dependencies are the tests' own business.
while IFS=$'\t' read -r crate dependency; do
    if [ -n "${MAY[$dependency]+known}" ]; then
        [ "${MAY[$crate]-}" = "*" ] || [[ " ${MAY[$crate]-} " == *" $dependency "* ]] ||
            complain "$crate may not use $dependency"
    elif [ -n "${ONLY[$dependency]+known}" ]; then
        [[ " ${ONLY[$dependency]} " == *" $crate "* ]] ||
            complain "$crate may not use $dependency (only: ${ONLY[$dependency]})"
    fi
done < <(jq -r '.packages[] | .name as $crate | .dependencies[] | select(.kind != "dev") | [$crate, .name] | @tsv' <<<"$metadata")

while read -r crate; do
    [ -n "${MAY[$crate]+known}" ] || complain "$crate is not in the law: add it to scripts/imports.sh and ARCHITECTURE.md"
done < <(jq -r '.packages[].name' <<<"$metadata")

# This ships to browsers: whatever talks to hosts or databases must be absent from its tree.
page=$(cargo tree -q -p client --target wasm32-unknown-unknown -e normal --prefix none --format '{p}' | awk '{print $1}' | sort -u)
for stranger in control compose store host pki oidc passkey engine wire server swarm segment host-libvirt app leptos sqlx virt rcgen tokio axum hyper rustls; do
    ! grep -qx "$stranger" <<<"$page" || complain "the browser's part contains $stranger"
done
# The static programs live in segments: nothing of the panel's goes with them.
for program in swarm segment; do
    tree=$(cargo tree -q -p "$program" -e normal --prefix none --format '{p}' | awk '{print $1}' | sort -u)
    for stranger in model control store host pki oidc passkey engine server app sqlx virt leptos; do
        ! grep -qx "$stranger" <<<"$tree" || complain "$program contains $stranger"
    done
done

[ $bad = 0 ] || fail "the import law is broken"
