# shellcheck shell=bash
# After a reboot, with the panel off: the cluster comes back by itself. Then the panel, and an
# upgrade under running containers.

keeper_runs() { at 1 ps --format '{{.Names}}' | grep -q keeper; }
panel_is_off() { ! systemctl is-active carina; }
keeper_since() { at 1 inspect -f '{{.State.StartedAt}}' keeper; }
vip_answers_there() { at 1 run --rm --network web busybox wget -qO- http://web/; }
upgrade() {
    local before after
    before=$(keeper_since) || return
    systemctl enable -q carina
    dpkg -i "$here"/carina-2.deb || return
    within 120 cluster_is_active || return
    after=$(keeper_since) || return
    echo "$before, $after"
    [ "$before" = "$after" ]
}

t 'the panel is off' panel_is_off
t 'both segments run again' within 300 segments_running
t 'they answer by their own addresses' within 300 segments_healthy
t 'the container that lasts runs again' within 200 keeper_runs
t 'the service answers again by its virtual address' within 300 vip_answers_there
t 'the panel starts' systemctl start carina
t 'it finds the cluster as it is' within 200 cluster_is_active
t 'the endpoint answers through the panel' within 60 d ps
t 'an upgrade leaves the containers alone' upgrade
next_phase together
