#!/usr/bin/env bash
# The checks that need no machine: format, clippy on both halves, import law, links, licenses and sources.
source "$(dirname "$0")/env.sh"
cd "$ROOT"

say "format"
cargo fmt --all --check || fail "run make fmt"

say "every package is checked and tested"
members=$(cargo metadata --no-deps --format-version 1 --locked | jq -r '.packages[].name' | sort)
diff <(printf '%s\n' "${RUST_PACKAGES[@]}" | sort) <(echo "$members") >&2 || fail "scripts/env.sh: RUST_PACKAGES"

say "import law"
scripts/imports.sh

say "links between pages"
scripts/links.sh

say "licenses and sources"
cargo deny --locked --log-level error check bans licenses sources

say "clippy: everything native"
cargo clippy --quiet "${PACKAGE_FLAGS[@]}" --all-targets -- -D warnings

say "clippy: the browser's part"
toolchain=$(wasm_toolchain)
${toolchain:+env RUSTUP_TOOLCHAIN=$toolchain} \
    cargo clippy --quiet -p client --lib --target wasm32-unknown-unknown -- -D warnings

if command -v shellcheck >/dev/null; then
    say "shellcheck"
    shellcheck -x -e SC1091 .ci/run scripts/*.sh
fi
