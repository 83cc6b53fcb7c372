# shellcheck shell=bash
# Sourced by every script: one place for paths, and for what all of them say.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CARINA_CACHE=${CARINA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/carina}
TOOLS=$CARINA_CACHE/tools
# The docker clients and Python libraries that the tests drive a cluster with.
CLIENTS=$CARINA_CACHE/clients
# Exported: cargo, the scripts and the tests must agree on where things are built.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$ROOT/target}
export PATH=$HOME/.cargo/bin:$TOOLS/bin:$PATH:/usr/sbin:/sbin

HOST_TRIPLE=x86_64-unknown-linux-gnu
# How the programs are compiled that carry their C library with them.
STATIC_RUSTFLAGS="-C target-feature=+crt-static -C relocation-model=static"
WASM_BINDGEN_VERSION=0.2.130
CARGO_DENY_VERSION=0.20.2
CARGO_FUZZ_VERSION=0.13.2
# The packages that run natively. `client` is the browser's; its tests run here all the same.
RUST_PACKAGES=(model wire host host-libvirt engine pki oidc passkey compose store control app client server swarm segment probe)
PACKAGE_FLAGS=()
for package in "${RUST_PACKAGES[@]}"; do PACKAGE_FLAGS+=(-p "$package"); done

# Everything a person should read goes through these two.
say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
fail() { printf '\033[1;31merror:\033[0m %s\n' "$*" >&2; exit 1; }

# Which toolchain builds the page's half: setup.sh writes the answer, "" means the default one.
wasm_toolchain() { cat "$TOOLS/wasm-toolchain" 2>/dev/null || true; }
