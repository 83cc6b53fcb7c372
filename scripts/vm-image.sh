#!/usr/bin/env bash
# Makes the disk of a stock Debian that `make test-vm` boots, once for each state of what goes into
# it: scripts/vm-image.sh 12|13. Prints the folder with `disk.img`, `vmlinuz` and `initrd`.
#
# Stock: kernel, systemd, AppArmor and libvirt as Debian sets them up. Left out is what only costs
# time where every instruction is emulated, and the segments' image is there, because the guest has
# no network to make it from.
source "$(dirname "$0")/env.sh"
cd "$ROOT"
[ "$(id -u)" = 0 ] || fail "run as root: it makes a root file system"

release=${1:-13}
case $release in
    12) suite=bookworm client=docker.io ;;
    13) suite=trixie client=docker-cli ;;
    *) fail "which Debian? 12 or 13" ;;
esac
names() { sed -n 's/^\([a-z0-9][a-z0-9.+-]*\).*/\1/p' "$@"; }
packages=$(names scripts/packages-runtime.txt end2end/vm/packages.txt | sort -u | paste -sd,),$client
base=$(sha256sum <segment/image/base.sh | cut -c1-16)
# This file is part of the image as much as what it reads.
digest=$(echo "$suite $packages $base" | cat - "${BASH_SOURCE[0]}" end2end/vm/vm-test.service | sha256sum | cut -c1-16)
image=$CARINA_CACHE/vm/debian-$release-$digest
if [ -d "$image" ]; then
    echo "$image"
    exit
fi

say "making a Debian $release for the virtual machine (once, two minutes)"
mkdir -p "$CARINA_CACHE/vm"
work=$(mktemp -d "$CARINA_CACHE/vm/.new.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
root=$work/root
log=$CARINA_CACHE/vm/image.log
mmdebstrap --variant=minbase --include="$packages" \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$suite" "$root" >"$log" 2>&1 || fail "mmdebstrap could not make it (log: $log)"

# The segments' packages, as `carina host prepare` keeps them.
mkdir -p "$root/var/lib/carina/cache"
chmod 711 "$root/var/lib/carina"
made=/var/lib/carina/cache/base-$base
if [ -d "$made" ]; then
    cp -a "$made" "$root$made"
else
    sh segment/image/base.sh "$root$made" >>"$log" 2>&1 || fail "the segments' image could not be made (log: $log)"
fi

# A first boot would do all this again, at a tenth of the speed.
echo carina-vm >"$root/etc/hostname"
echo '127.0.0.1 localhost carina-vm' >"$root/etc/hosts"
echo 'a9f1c1e0a9f1c1e0a9f1c1e0a9f1c1e0' >"$root/etc/machine-id"
touch "$root/etc/.updated" "$root/var/.updated"
for unit in docker.service docker.socket containerd.service getty@tty1.service serial-getty@ttyS0.service \
    e2scrub_reap.service e2scrub_all.timer apt-daily.timer apt-daily-upgrade.timer systemd-binfmt.service \
    dpkg-db-backup.timer fstrim.timer systemd-logind.service; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
# A hundred profiles of programs that are not there take a minute to compile.
mkdir -p "$root/etc/apparmor.d/disable"
for profile in "$root"/etc/apparmor.d/*; do
    case ${profile##*/} in
        usr.sbin.libvirtd | usr.lib.libvirt.virt-aa-helper | abi | abstractions | tunables | disable | local | libvirt | force-complain) ;;
        *) rm -rf "$profile" ;;
    esac
done
install -D -m644 end2end/vm/vm-test.service "$root/etc/systemd/system/vm-test.service"
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -s ../vm-test.service "$root/etc/systemd/system/multi-user.target.wants/vm-test.service"

cp "$root"/boot/vmlinuz-* "$work/vmlinuz"
cp "$root"/boot/initrd.img-* "$work/initrd"
rm -rf "$root"/boot/* "$root"/usr/share/doc/* "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
mkfs.ext4 -q -m 0 -E lazy_itable_init=1,lazy_journal_init=1 -d "$root" "$work/disk.img" 20G >>"$log" 2>&1 ||
    fail "mkfs.ext4 could not make the disk (log: $log)"
rm -rf --one-file-system "$root"
# Older states of the same release have had their time.
rm -rf --one-file-system "$CARINA_CACHE/vm/debian-$release-"*
mv "$work" "$image"
chmod 755 "$image"
trap - EXIT
echo "$image"
