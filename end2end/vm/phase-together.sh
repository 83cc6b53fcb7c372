# shellcheck shell=bash
# After a reboot with the panel on; then everything goes.

doctor_has_no_failure() { carina host doctor; }
# With the panel on, it would bring its clusters back.
clean() { systemctl stop carina && carina host clean; }
nothing_is_left() {
    local left
    left=$(
        virsh -c lxc:/// list --all --name
        virsh -c lxc:/// net-list --all --name | grep carina
        virsh -c lxc:/// pool-list --all --name | grep carina
        grep /var/lib/carina /proc/self/mounts
        losetup -a | grep carina
        nft list tables | grep carina
        grep -E 'carina|libvirt-[0-9a-f]{8}-' /sys/kernel/security/apparmor/profiles
        ls -d /etc/libvirt/hooks/lxc.d/carina /etc/apparmor.d/carina-segment /etc/sysctl.d/*carina* /etc/modules-load.d/*carina* 2>/dev/null
        ls -A /var/lib/carina | grep -vx panel
        ip -o link | grep -E ' (crn|vnet|veth)'
        find /sys/fs/cgroup -type d -name '*lxc*'
    )
    left=$(grep -v '^$' <<<"$left") || true
    echo "$left"
    [ -z "$left" ]
}
purged() {
    dpkg -P carina && [ ! -e /var/lib/carina ] && [ ! -e /etc/carina ] && [ ! -e /usr/lib/carina ] && ! command -v carina
}

t 'the cluster is active after the reboot' within 400 cluster_is_active
t 'the endpoint answers' within 120 d ps
t 'host doctor finds nothing broken' doctor_has_no_failure
t 'host clean takes everything away' clean
t 'nothing is left' nothing_is_left
t 'the package is purged' purged
failed=$(wc -l <"$state/failures" 2>/dev/null || echo 0)
dmesg | grep 'apparmor="DENIED"' | tail -n 20 | sed 's/^/# /'
echo "# $failed failed"
echo 'the guest is done'
systemctl poweroff
