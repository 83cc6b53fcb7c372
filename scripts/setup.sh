#!/usr/bin/env bash
# Installs what is missing and nothing else: scripts/setup.sh [build] [lint] [fuzz] [runtime] [test] [lighthouse] [vm]
# A run with nothing to do takes well under a second, so every make target may begin with it.
source "$(dirname "$0")/env.sh"
cd "$ROOT"

SECTIONS=("$@")
[ ${#SECTIONS[@]} -gt 0 ] || SECTIONS=(build runtime)

wants() { [[ " ${SECTIONS[*]} " == *" $1 "* ]]; }

need_root() {
    [ "$(id -u)" = 0 ] && return
    fail "run as root: $1"
}

# --- Debian packages ---------------------------------------------------------------------------

is_there() { # proof
    case $1 in
        cmd:*) command -v "${1#cmd:}" >/dev/null ;;
        *) compgen -G "$1" >/dev/null ;;
    esac
}

apt_updated=
apt_install() { # package...
    need_root "these Debian packages are missing: $*"
    command -v apt-get >/dev/null || fail "this is not Debian; install what matches: $*"
    if [ -z "$apt_updated" ]; then
        # A half-reachable mirror list is no reason to stop: the install says what it lacks.
        apt-get update -q >/dev/null 2>&1 || say "apt-get update had errors; going on with the lists there are"
        apt_updated=1
    fi
    say "installing Debian packages: $*"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >"$CARINA_CACHE/apt.log" 2>&1 || {
        tail -n 20 "$CARINA_CACHE/apt.log" >&2
        fail "apt-get could not install: $* (whole log: $CARINA_CACHE/apt.log)"
    }
}

packages_ensure() { # section
    local missing=() package proof
    while read -r package proof; do
        case $package in '' | '#'*) continue ;; esac
        is_there "$proof" || missing+=("$package")
    done <"scripts/packages-$1.txt"
    [ ${#missing[@]} -eq 0 ] && return
    # PostgreSQL's package starts a server of its own unless told not to; tests start theirs.
    local quiet_postgres=/etc/postgresql-common/createcluster.d/carina-setup.conf
    if [[ " ${missing[*]} " == *" postgresql "* ]] && [ "$(id -u)" = 0 ]; then
        mkdir -p "$(dirname "$quiet_postgres")"
        echo 'create_main_cluster = false' >"$quiet_postgres"
    fi
    apt_install "${missing[@]}"
    rm -f "$quiet_postgres"
}

# Test packages bring services along that nobody asked for: they are not to be started.
test_packages_ensure() {
    local policy=/usr/sbin/policy-rc.d
    if [ -e "$policy" ] || [ "$(id -u)" != 0 ]; then
        packages_ensure test
        docker_client_ensure
        return
    fi
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    packages_ensure test
    docker_client_ensure
    rm -f "$policy"
    trap - EXIT
}

# The plain docker client: in Debian 12 it comes with docker.io, in Debian 13 by itself.
docker_client_ensure() { command -v docker >/dev/null || apt_install docker-cli; }

# --- Clients of a cluster ----------------------------------------------------------------------

# Each in a folder of its own under $CLIENTS, made whole or not at all.
clients_ensure() {
    mkdir -p "$CLIENTS"
    client_tree_ensure debian-13 trixie docker-cli,docker-buildx,docker-compose
    # Where /usr/bin/docker is Debian 12's there is no need of another one.
    case $(/usr/bin/docker --version 2>/dev/null) in
        *' 20.10.'*) ;;
        *) client_tree_ensure debian-12 bookworm docker.io ;;
    esac
    python_ensure
}

client_tree_ensure() { # folder release packages
    [ -d "$CLIENTS/$1" ] && return
    need_root "a Debian tree with the docker client of $2 is made in $CLIENTS"
    say "getting the docker client of Debian $2 (once)"
    rm -rf --one-file-system "$CLIENTS/.$1.new"
    mmdebstrap --quiet --variant=minbase --include="$3" "$2" "$CLIENTS/.$1.new" >"$CARINA_CACHE/mmdebstrap.log" 2>&1 ||
        fail "mmdebstrap could not make it (log: $CARINA_CACHE/mmdebstrap.log)"
    mv "$CLIENTS/.$1.new" "$CLIENTS/$1"
}

python_ensure() {
    local wanted=end2end/clients/requirements.txt have=$CLIENTS/python/.requirements.txt
    cmp -s "$wanted" "$have" && return
    say "getting the Python clients"
    rm -rf "$CLIENTS/python"
    /usr/bin/python3 -m venv "$CLIENTS/python" &&
        "$CLIENTS/python/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" ||
        fail "pip could not install what $wanted lists"
    cp "$wanted" "$have"
}

# --- Rust --------------------------------------------------------------------------------------

version_at_least() { # have want
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

RUST_MINIMUM=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)

rust_ensure() {
    local have
    have=$(rustc --version 2>/dev/null | awk '{print $2}') || true
    if [ -n "$have" ] && version_at_least "$have" "$RUST_MINIMUM"; then return; fi
    [ -z "$have" ] || say "rustc $have is older than $RUST_MINIMUM"
    if command -v rustup >/dev/null; then
        say "asking rustup for the stable toolchain"
        rustup toolchain install stable --profile minimal -c clippy -c rustfmt && rustup default stable && return
        say "rustup could not get it; taking Debian's"
    elif [ -n "$(apt-cache madison rustup 2>/dev/null)" ]; then
        apt_install rustup
        say "asking rustup for the stable toolchain"
        rustup toolchain install stable --profile minimal -c clippy -c rustfmt && rustup default stable && return
        say "rustup could not get it; taking Debian's"
    fi
    debian_rust_ensure
    have=$(/usr/bin/rustc --version | awk '{print $2}')
    version_at_least "$have" "$RUST_MINIMUM" || fail "Rust $RUST_MINIMUM or newer is needed, Debian has $have: install it with rustup"
    if command -v rustup >/dev/null; then
        rustup toolchain link debian /usr && rustup default debian
    fi
}

# Debian's newest toolchain: kept up to date for its browsers, in bookworm-security and in trixie.
debian_rust_ensure() {
    local suffix=-web
    apt-cache show rustc-web >/dev/null 2>&1 || { apt-get update -q >/dev/null 2>&1 || true; }
    apt-cache show rustc-web >/dev/null 2>&1 || suffix=
    if [ -n "$suffix" ]; then
        apt_install rustc-web cargo-web rust-web-src rust-web-clippy rustfmt-web
    else
        apt_install rustc cargo rust-src rust-clippy rustfmt
    fi
}

has_wasm() { # rustc
    [ -d "$("$@" --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib" ]
}

# The page's target: from rustup where rustup can, else built from the source Debian ships.
wasm_target_ensure() {
    local answer=$TOOLS/wasm-toolchain
    if [ -f "$answer" ]; then
        local toolchain
        toolchain=$(cat "$answer")
        if [ -z "$toolchain" ]; then has_wasm rustc && return
        elif [ -d /usr/lib/rustlib/wasm32-unknown-unknown/lib ]; then return; fi
        rm -f "$answer"
    fi
    mkdir -p "$TOOLS"
    if has_wasm rustc; then
        : >"$answer"
        return
    fi
    if command -v rustup >/dev/null && rustup target add wasm32-unknown-unknown; then
        say "wasm32-unknown-unknown: added by rustup"
        : >"$answer"
        return
    fi
    say "wasm32-unknown-unknown: rustup cannot add it here, building its standard library with Debian's Rust"
    wasm_target_build
    if command -v rustup >/dev/null; then
        rustup toolchain link debian /usr
        echo debian >"$answer"
    else
        : >"$answer"
    fi
}

wasm_target_build() {
    local lib=/usr/lib/rustlib/wasm32-unknown-unknown/lib
    [ -d "$lib" ] && return
    need_root "the standard library for the page's target goes to $lib"
    debian_rust_ensure
    local lld
    lld=$(apt-cache pkgnames lld- | grep -E '^lld-[0-9]+$' | sort -V | tail -n 1)
    apt_install "$lld"
    local linker=/usr/lib/rustlib/$HOST_TRIPLE/bin/rust-lld
    if [ ! -e "$linker" ]; then
        mkdir -p "$(dirname "$linker")"
        ln -s "/usr/bin/$lld" "$linker"
    fi
    local empty
    empty=$(mktemp -d)
    mkdir "$empty/src"
    : >"$empty/src/lib.rs"
    printf '[package]\nname = "empty"\nedition = "2021"\n[lib]\ncrate-type = ["cdylib"]\n' >"$empty/Cargo.toml"
    (cd "$empty" && env -u CARGO_TARGET_DIR RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 /usr/bin/cargo build --release \
        --target wasm32-unknown-unknown -Zbuild-std=std,panic_abort) || fail "building the wasm standard library failed"
    mkdir -p "$lib"
    find "$empty/target/wasm32-unknown-unknown/release/deps" -name '*.rlib' ! -name 'libempty*' -exec cp {} "$lib" \;
    rm -rf "$empty"
}

# Tools from the crates registry, into a folder of our own. Quick to build beats quick to run here.
tool_ensure() { # crate version binary
    local stamp=$TOOLS/.$1-$2
    [ -f "$stamp" ] && [ -x "$TOOLS/bin/$3" ] && return
    say "building $1 $2 (once)"
    mkdir -p "$TOOLS"
    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
        CARGO_PROFILE_RELEASE_DEBUG=false CARGO_TARGET_DIR="$CARINA_CACHE/build" \
        cargo install --quiet --root "$TOOLS" --force "$1" --version "$2" --bin "$3" ||
        fail "cargo install $1 $2 failed"
    rm -rf "$CARINA_CACHE/build"
    touch "$stamp"
}

# --- Node, for the browser tests and the page's terminal ---------------------------------------------------------------

node_modules_ensure() { # folder
    local stamp=$1/node_modules/.carina-stamp
    [ -f "$stamp" ] && [ ! "$1/package.json" -nt "$stamp" ] && [ ! "$1/package-lock.json" -nt "$stamp" ] && return
    say "installing the node packages of $1"
    (cd "$1" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --silent) || fail "npm ci failed in $1/"
    touch "$stamp"
}

mkdir -p "$CARINA_CACHE" "$TOOLS/bin"
if wants build; then
    packages_ensure build
    rust_ensure
    wasm_target_ensure
    tool_ensure wasm-bindgen-cli "$WASM_BINDGEN_VERSION" wasm-bindgen
fi
if wants lint; then tool_ensure cargo-deny "$CARGO_DENY_VERSION" cargo-deny; fi
if wants fuzz; then
    packages_ensure fuzz
    tool_ensure cargo-fuzz "$CARGO_FUZZ_VERSION" cargo-fuzz
fi
if wants runtime; then packages_ensure runtime; fi
if wants vm; then packages_ensure vm; fi
if wants test; then
    test_packages_ensure
    node_modules_ensure end2end
    clients_ensure
fi
if wants lighthouse; then node_modules_ensure end2end/lighthouse; fi
