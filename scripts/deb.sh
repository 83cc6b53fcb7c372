#!/usr/bin/env bash
# Makes a Debian package of what `make build` made: scripts/deb.sh [FOLDER], by default target/.
# CARINA_BIN as in install.sh; CARINA_DEB_VERSION instead of the version in Cargo.toml.
source "$(dirname "$0")/env.sh"
cd "$ROOT"

to=${1:-$CARGO_TARGET_DIR}
version=${CARINA_DEB_VERSION:-$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
DESTDIR=$tree PREFIX=/usr scripts/install.sh

# What the program itself is linked with, by the names this machine's packages have.
mkdir "$work/debian"
printf 'Source: carina\n\nPackage: carina\nArchitecture: any\n' >"$work/debian/control"
libraries=$(cd "$work" && dpkg-shlibdeps --ignore-missing-info -O "$tree/usr/lib/carina/bin/carina" 2>/dev/null |
    sed -n 's/^shlibs:Depends=//p') || true
runtime=$(sed -n 's/^\([a-z0-9][a-z0-9.+-]*\) .*/\1/p' scripts/packages-runtime.txt | paste -sd, | sed 's/,/, /g')

mkdir "$tree/DEBIAN"
cat >"$tree/DEBIAN/control" <<END
Package: carina
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: Carina <carina@localhost>
Section: admin
Priority: optional
Depends: $runtime, systemd, ${libraries:-libvirt0}
Recommends: apparmor
Description: Docker clusters of isolated segments on your own machines
 A panel in which people get Docker clusters of one to three segments, each an
 unprivileged container of libvirt with an engine of its own.
END
echo /etc/carina/carina.toml >"$tree/DEBIAN/conffiles"
install -m755 -t "$tree/DEBIAN" packaging/debian/{postinst,prerm,postrm}
mkdir -p "$to"
deb=$to/carina_${version}_$(dpkg --print-architecture).deb
dpkg-deb --root-owner-group --build -Zxz -z1 "$tree" "$deb" >/dev/null
say "made $deb ($(du -h "$deb" | cut -f1))"
