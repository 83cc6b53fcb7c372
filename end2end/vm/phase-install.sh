# shellcheck shell=bash
# A fresh host: the package, a cluster, what only such a kernel can show, the isolation.

units_active() { systemctl is-active carina-host-prepare carina; }
doctor_all_green() { carina host doctor | tee /dev/stderr | awk '/^(warn|FAIL)/ { bad = 1 } END { exit bad }'; }
panel_is_not_root() {
    local pid
    pid=$(systemctl show -P MainPID carina)
    [ "$(ps -o user= -p "$pid")" = carina ] && grep -q '^CapEff:.0*$' "/proc/$pid/status"
}
host_is_modern() {
    [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ] && [ "$(cat /sys/module/apparmor/parameters/enabled)" = Y ] &&
        [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ] && lsmod | grep -q '^ip_vs'
}
become_active() {
    within 900 cluster_is_active && return
    cluster_field '.[0] | .phase, .reason, .segments'
    journalctl -u carina -n 15 --no-pager -o cat
    virsh -c lxc:/// list --all
    local k id pid
    id=$(cluster_field '.[0].id')
    # Whether a segment may send anything, and did.
    nft list set bridge carina sources
    nft list set inet carina doors
    nft list set inet carina connections
    ip neigh
    for k in 1 2; do
        tail -n 12 "/var/log/libvirt/lxc/$id-n$k.log"
        pid=$(pgrep -P "$(virsh -c lxc:/// domid "$id-n$k")") || continue
        tail -n 15 "/proc/$pid/root/var/log/carina/"*.log
        ps -eo pid,stat,wchan:20,etime,args --forest | grep -A 15 -- "--name $id-n$k"
    done
    return 1
}
image_import() { d import - busybox <"$here/busybox.tar"; }
hello() { [ "$(d run --rm busybox echo hello from a segment)" = 'hello from a segment' ]; }

segments_confined() {
    local k pid
    for k in 1 2; do
        pid=$(segment_pid $k) || return
        cat "/proc/$pid/attr/current"
        grep -q '^libvirt-.* (enforce)' "/proc/$pid/attr/current" || return
    done
    # Nothing of a segment runs without a profile.
    for pid in $(find /sys/fs/cgroup/machine.slice -name cgroup.procs -path '*/segment/*' -exec cat {} +); do
        tr -d '\0' <"/proc/$pid/attr/current" 2>/dev/null | tee /dev/stderr | grep -q '(enforce)' || [ ! -d "/proc/$pid" ] || return
    done
}
segments_limited() {
    local group
    for group in $(find /sys/fs/cgroup/machine.slice -type d -name segment); do
        echo "$group: $(cat "$group/pids.max") pids, $(cat "$group/../memory.max") bytes, $(cat "$group/../cpu.max")"
        [ "$(cat "$group/pids.max")" = 4096 ] && [ "$(cat "$group/../memory.max")" = $((2048 << 20)) ] &&
            [ "$(cat "$group/../cpu.max")" = '200000 100000' ] || return
    done
    [ -n "${group:-}" ]
}

service_make() {
    d network create -d overlay --attachable web &&
        d service create -d --name web --network web --replicas 2 --publish 8080:80 busybox \
            sh -c 'mkdir -p /tmp/w && hostname >/tmp/w/index.html && exec httpd -f -p 80 -h /tmp/w'
}
service_runs() { [ "$(d service ls --format '{{.Replicas}}')" = 2/2 ]; }
# By the name, whose only address is the virtual one: both replicas have to answer.
vip_answers() {
    d run --rm --network web busybox sh -c 'for i in 1 2 3 4 5 6 7 8; do wget -qO- http://web/; done' | sort -u | tee /dev/stderr | [ "$(wc -l)" = 2 ]
}
ingress_answers() { # on each segment's address, from this host
    local k answer
    for k in 1 2; do
        answer=$(for i in 1 2 3 4 5 6 7 8; do curl -sS --max-time 20 "http://$(segment_address $k):8080/"; done | sort -u)
        echo "$answer"
        [ "$(wc -l <<<"$answer")" = 2 ] || return
    done
}
keeper_start() { d run -d --name keeper --restart always busybox sleep 1000000; }

t 'the kernel has cgroup v2 and AppArmor' test -e /sys/fs/cgroup/cgroup.controllers -a -e /sys/kernel/security/apparmor
t 'the package installs' dpkg -i "$here"/carina-1.deb
t 'its units run' within 120 units_active
t 'host doctor has nothing to say' doctor_all_green
t 'cgroup v2, AppArmor, forwarding, IPVS are there' host_is_modern
t 'the panel answers' within 60 panel_answers
t 'the panel has no rights of root' panel_is_not_root
t 'carina admin makes an account' account_make
t 'the account signs in' sign_in
t 'a cluster is asked for' cluster_create
t 'the cluster of two becomes active' become_active
t 'the bundle is fetched' bundle_get
t 'an image is imported' within 300 image_import
t 'a container runs' hello
t 'all segments are healthy' within 120 segments_healthy
t 'every process of a segment is confined' segments_confined
t 'segments have their limits' segments_limited
t 'a service is made' service_make
t 'the service runs on both' within 240 service_runs
t 'the virtual address leads to both' within 60 vip_answers
t 'ingress answers on every segment' within 60 ingress_answers
t 'a container that is to last is started' keeper_start
source "$here/escape.sh"
# The panel is not to help the cluster through the first reboot.
systemctl disable -q carina
next_phase alone
