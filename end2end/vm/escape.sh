# shellcheck shell=bash
# Root in a segment with every right an engine can give, as if the policy had fallen: a privileged
# container of the segment's own engine, in all of the segment's namespaces.

inside() { # shell command, run there
    local pid
    pid=$(segment_pid 1) || return
    timeout 120 docker -H "unix:///proc/$pid/root/run/docker.sock" run --rm --privileged --pid host --network host \
        --uts host --cgroupns host -v /:/segment busybox sh -c "$1"
}
works_inside() { [ "$(inside 'echo there')" = there ]; }
refused() { # shell command: it must fail there, and the container must have run
    local said
    # In one stream from there on: docker brings two in any order, also in the middle of a line.
    said=$(inside "exec 2>&1; if $1; then echo DONE; else echo REFUSED; fi" 2>&1)
    echo "$said"
    grep -qx REFUSED <<<"$said"
}
# With the right to load modules this would be “invalid format”.
module_is_refused() { inside 'echo x >/tmp/x.ko; insmod /tmp/x.ko 2>&1' | tee /dev/stderr | grep -q 'not permitted'; }
host_unchanged() { [ "$(cat /proc/sys/kernel/core_pattern)" = "$(cat "$state/core_pattern")" ]; }

cat /proc/sys/kernel/core_pattern >"$state/core_pattern"
t 'a privileged container runs in the segment' works_inside
t 'refused: debugfs' refused 'mkdir -p /tmp/m && mount -t debugfs x /tmp/m'
t 'refused: securityfs' refused 'mkdir -p /tmp/m && mount -t securityfs x /tmp/m'
t 'refused: the host’s disk as a device' refused 'mknod /tmp/vda b 254 0 && dd if=/tmp/vda of=/dev/null bs=512 count=1'
t 'refused: mounting the host’s disk' refused 'mkdir -p /tmp/m && mknod /tmp/vda b 254 0 && mount -t ext4 /tmp/vda /tmp/m'
t 'refused: core_pattern' refused 'echo "|/bin/evil" >/proc/sys/kernel/core_pattern'
t 'refused: sysrq' refused 'echo h >/proc/sysrq-trigger'
t 'refused: uevent_helper' refused 'echo /bin/evil >/sys/kernel/uevent_helper'
t 'refused: raising the segment’s own limit' refused 'echo max >/segment/sys/fs/cgroup/memory.max'
t 'refused: memory of the host' refused 'dd if=/segment/dev/mem of=/dev/null bs=1 count=1 || mknod /tmp/mem c 1 1 && dd if=/tmp/mem of=/dev/null bs=1 count=1'
t 'refused: loading a module' module_is_refused
t 'nothing of the host was changed' host_unchanged
