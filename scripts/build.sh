#!/usr/bin/env bash
# Builds a part of Carina: scripts/build.sh static | page | panel [release] | all [release], and for
# the tests: probe
# Each part is incremental; nothing is made again whose source did not change.
source "$(dirname "$0")/env.sh"
cd "$ROOT"

# swarm, segment-hook, segment-init: run in an empty root, so they carry their C library with them.
# Always with --target, or the flags would reach build scripts and procedural macros too.
build_static() {
    say "building the static programs"
    RUSTFLAGS=$STATIC_RUSTFLAGS \
        cargo build --quiet --profile static --target "$HOST_TRIPLE" -p swarm -p segment
    local program
    for program in swarm segment-hook segment-init; do
        [ -x "$CARGO_TARGET_DIR/$HOST_TRIPLE/static/$program" ] || fail "no static $program was built"
        ! readelf -d "$CARGO_TARGET_DIR/$HOST_TRIPLE/static/$program" 2>/dev/null | grep -q NEEDED ||
            fail "$program is not static"
    done
}

# What the tests try from inside a segment: as static as the others, and no part of the product.
build_probe() {
    RUSTFLAGS="-C target-feature=+crt-static -C relocation-model=static" \
        cargo build --quiet --profile static --target "$HOST_TRIPLE" -p probe
}

# The browser's part: wasm and its glue, style and public files, each with a brotli copy beside it.
build_page() {
    say "building the page"
    local site=$CARGO_TARGET_DIR/site toolchain wasm
    toolchain=$(wasm_toolchain)
    wasm=$CARGO_TARGET_DIR/wasm32-unknown-unknown/wasm-release/client.wasm
    ${toolchain:+env RUSTUP_TOOLCHAIN=$toolchain} \
        cargo build --quiet -p client --lib --profile wasm-release --target wasm32-unknown-unknown
    mkdir -p "$site/pkg"
    if [ ! "$site/pkg/carina_bg.wasm" -nt "$wasm" ]; then
        wasm-bindgen --target web --no-typescript --remove-name-section --remove-producers-section \
            --out-dir "$site/pkg" --out-name carina "$wasm"
    fi
    # main.css says in which order the layers count, so it comes first.
    {
        cat style/main.css
        find style -name '*.css' ! -name main.css -print0 | sort -z | xargs -0 cat
    } | css_strip | keep "$site/pkg/carina.css"
    cp -ru public/. "$site/"
    build_console "$site/pkg/console"
    cp -u client/passkey/passkey.js "$site/pkg/"
    compress "$site"
}

# The terminal, for the one page that has it: xterm.js as npm brings it, under its lock file.
build_console() {
    local modules=client/console/node_modules
    if [ ! "$modules/.package-lock.json" -nt client/console/package-lock.json ]; then
        (cd client/console && npm ci --no-audit --no-fund --silent) || fail "npm ci failed in client/console/"
    fi
    mkdir -p "$1"
    cp -u client/console/console.js "$modules"/@xterm/xterm/lib/xterm.mjs \
        "$modules"/@xterm/addon-fit/lib/addon-fit.mjs "$modules"/@xterm/xterm/css/xterm.css "$1/"
}

# Comments and indentation off; no dependency for what compression does anyhow.
css_strip() {
    sed -e ':a' -e 's:/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/::g' -e '/\/\*/{N;ba' -e '}' -e 's/^[ \t]*//' -e '/^$/d'
}

# Writes standard input to a file only when that changes it, so that time stamps tell the truth.
keep() {
    local new
    new=$(mktemp "$1.XXXX")
    cat >"$new"
    if cmp -s "$new" "$1"; then rm "$new"; else chmod 644 "$new" && mv "$new" "$1"; fi
}

compress() {
    local file
    find "$1" -type f \( -name '*.wasm' -o -name '*.js' -o -name '*.mjs' -o -name '*.css' -o -name '*.svg' \) -print0 |
        while IFS= read -r -d '' file; do
            [ "$file.br" -nt "$file" ] || brotli --quality=11 --force "$file"
        done
}

build_panel() {
    say "building the panel (${1:-debug})"
    if [ "${1:-}" = release ]; then cargo build --quiet --release -p server; else cargo build --quiet -p server; fi
}

case ${1:-} in
    static) build_static ;;
    probe) build_probe ;;
    page) build_page ;;
    panel) build_panel "${2:-}" ;;
    all)
        build_static
        build_page
        build_panel "${2:-}"
        ;;
    *) fail "usage: scripts/build.sh static | page | probe | panel [release] | all [release]" ;;
esac
