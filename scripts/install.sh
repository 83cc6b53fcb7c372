#!/usr/bin/env bash
# Puts what `make build` made where a package would: scripts/install.sh, with DESTDIR (none) and
# PREFIX (/usr/local) from the environment. Starts nothing. CARINA_BIN takes another build's panel.
source "$(dirname "$0")/env.sh"
cd "$ROOT"

DESTDIR=${DESTDIR:-}
PREFIX=${PREFIX:-/usr/local}
carina=${CARINA_BIN:-$CARGO_TARGET_DIR/release/carina}
static=$CARGO_TARGET_DIR/$HOST_TRIPLE/static
site=$CARGO_TARGET_DIR/site
for made in "$carina" "$static/swarm" "$site/pkg/carina_bg.wasm"; do
    [ -e "$made" ] || fail "$made is missing: build first (make build)"
done

lib=$DESTDIR$PREFIX/lib
own=$lib/carina
doc=$DESTDIR$PREFIX/share/doc/carina

# The panel finds `site` and `programs` beside the folder that it lies in.
install -D -m755 -s "$carina" "$own/bin/carina"
install -D -m755 -t "$own/programs" "$static"/{swarm,segment-hook,segment-init}
mkdir -p "$own/site" "$DESTDIR$PREFIX/bin"
cp -r --no-preserve=mode,ownership "$site/." "$own/site/"
ln -sfn ../lib/carina/bin/carina "$DESTDIR$PREFIX/bin/carina"

for unit in packaging/systemd/*.service; do
    install -D -m644 "$unit" "$lib/systemd/system/${unit##*/}"
    sed -i "s:@PREFIX@:$PREFIX:g" "$lib/systemd/system/${unit##*/}"
done
for folder in modules-load.d sysctl.d sysusers.d; do
    install -D -m644 -t "$lib/$folder" packaging/$folder/*.conf
done
install -D -m644 -t "$doc" docs/*.md LICENSE-APACHE LICENSE-MIT
install -D -m644 -t "$doc/guide" docs/guide/*.md
install -D -m644 -t "$doc/screens" docs/screens/*.png

# Somebody's own configuration stays.
config=$DESTDIR/etc/carina/carina.toml
[ -e "$config" ] || install -D -m644 packaging/carina.toml "$config"

say "installed below ${DESTDIR:-/}${DESTDIR:+$PREFIX}"
[ -n "$DESTDIR" ] || say "then: systemd-sysusers && systemctl daemon-reload && systemctl enable --now carina-host-prepare carina"
