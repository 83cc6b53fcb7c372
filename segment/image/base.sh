#!/bin/sh
# Makes the base of a segment's root file system in the new directory $1, from packages alone.
# A segment adds two programs of ours to it. This file is part of the image's digest: whatever
# changes the image changes this file.
set -eu

exec mmdebstrap \
    --quiet \
    --variant=minbase \
    --include=docker.io,iptables,iproute2,ca-certificates,procps \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*' \
    --customize-hook='rm -f "$1"/etc/hostname "$1"/etc/resolv.conf "$1"/etc/machine-id' \
    --customize-hook='mkdir -p "$1"/etc/carina/seed "$1"/usr/lib/carina "$1"/var/lib/docker' \
    --customize-hook='mkdir -p "$1"/var/lib/carina "$1"/var/log/carina' \
    trixie "$1"
