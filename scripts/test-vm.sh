#!/usr/bin/env bash
# Boots a stock Debian in a virtual machine, installs Carina there as a package and tries what this
# kernel may lack: systemd, cgroup v2, AppArmor, IPVS, reboots. scripts/test-vm.sh [12|13].
#
# Emulated by software where KVM does not work. CARINA_VM_MINUTES (40) end it in any case; the last
# line is its sum, as of `make test`.
source "$(dirname "$0")/env.sh"
cd "$ROOT"

release=${1:-13}
minutes=${CARINA_VM_MINUTES:-40}
logs=$CARGO_TARGET_DIR/test-logs
export CARINA_BIN=${CARINA_BIN:-$CARGO_TARGET_DIR/debug/carina}
mkdir -p "$logs"
results=$logs/vm-$release.log console=$logs/vm-$release-console.log
started=$SECONDS

image=$(scripts/vm-image.sh "$release") || exit 1
work=$(mktemp -d "${TMPDIR:-/tmp}/carina-vm.XXXXXX")
qemu=
end() {
    if [ -n "$qemu" ]; then kill -KILL "$qemu" 2>/dev/null; fi
    rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT TERM

# What the guest gets: the package, a newer one of the same programs, the tests, an image.
mkdir "$work/disk"
scripts/deb.sh "$work" || exit 1
dpkg-deb -R "$work"/carina_*.deb "$work/package"
# Not compressed: the guest would take its time.
repack() { # version
    sed -i "s/^Version: .*/Version: $1/" "$work/package/DEBIAN/control"
    dpkg-deb --root-owner-group -Znone --build "$work/package" "$work/disk/carina-$1.deb" >/dev/null
}
repack 1
# Other programs, and so another image for new segments; what follows a program's end is not read.
for program in swarm segment-init segment-hook; do echo >>"$work/package/usr/lib/carina/programs/$program"; done
repack 2
cp end2end/vm/*.sh "$work/disk/"
mkdir -p "$work/busybox/bin" "$work/busybox/tmp"
cp "$(command -v busybox)" "$work/busybox/bin/busybox"
for name in sh cat echo sleep true wget httpd mount mknod dd ls hostname ip sed grep; do
    ln -s busybox "$work/busybox/bin/$name"
done
tar -C "$work/busybox" -cf "$work/disk/busybox.tar" .
tar -C "$work/disk" -cf "$work/disk.tar" .

# A machine that says it has KVM may not be able to use it, and a guest that KVM gives up stands still
# for ever: the guest's own kernel must say a first word within it.
kvm_works() {
    local word=$work/probe probe n
    [ -w /dev/kvm ] || return 1
    qemu-system-x86_64 -accel kvm -cpu host -m 1024 -kernel "$image/vmlinuz" -append "console=ttyS0 panic=-1" \
        -serial "file:$word" -no-reboot -display none -monitor none -nic none </dev/null >/dev/null 2>&1 &
    probe=$!
    for n in $(seq 30); do
        sleep 0.5
        if grep -q "Linux version" "$word" 2>/dev/null || ! kill -0 $probe 2>/dev/null; then break; fi
    done
    kill -KILL $probe 2>/dev/null
    wait $probe 2>/dev/null
    grep -q "Linux version" "$word" 2>/dev/null
}
accelerator=(-accel "tcg,thread=multi" -cpu Nehalem)
if kvm_works; then accelerator=(-accel kvm -cpu host); fi
say "booting Debian $release (${accelerator[1]%%,*}), results in $results"
: >"$results"
qemu-system-x86_64 "${accelerator[@]}" -smp 2 -m 3584 \
    -kernel "$image/vmlinuz" -initrd "$image/initrd" \
    -append "root=/dev/vda rw console=ttyS0 quiet mitigations=off systemd.default_timeout_start_sec=600" \
    -drive "file=$image/disk.img,if=virtio,format=raw,snapshot=on,cache=unsafe" \
    -drive "file=$work/disk.tar,if=virtio,format=raw,readonly=on" \
    -serial "file:$console" -serial "file:$results" \
    -device virtio-rng-pci -nic none -display none -monitor none </dev/null &
qemu=$!

tail -n +1 -f --pid="$qemu" "$results" &
tail=$!
while kill -0 "$qemu" 2>/dev/null; do
    if [ $((SECONDS - started)) -gt $((minutes * 60)) ]; then
        kill -KILL "$qemu"
        echo "not ok the guest ends within $minutes minutes" >>"$results"
        break
    fi
    sleep 1
done
wait "$qemu" 2>/dev/null || true
qemu=
sleep 1
kill "$tail" 2>/dev/null || true

passed=$(grep -c '^ok ' "$results") || true
failed=$(grep -c '^not ok ' "$results") || true
# The driver says at its end how many it was: a guest that died half-way has not passed.
if ! tr -d '\r' <"$results" | grep -q '^the guest is done$'; then
    echo "not ok the guest came to its end (console: $console)"
    failed=$((failed + 1))
fi
say "Debian $release: $((SECONDS - started)) s"
echo "$passed passed, $failed failed" | tee "$CARGO_TARGET_DIR/test-vm-summary"
[ "$failed" = 0 ]
