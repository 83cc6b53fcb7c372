#!/bin/bash
# The tests inside the virtual machine of `make test-vm`: a stock Debian host from its first boot
# through two reboots to the removal. Every test says `ok NAME` or `not ok NAME` on the second serial
# port; what a failed one printed stands below it. Only what Debian has is used: bash, curl, jq.
set -u
here=/run/vm-test
state=/var/lib/vm-test
mkdir -p "$state"
source "$here/panel.sh"

# t NAME COMMAND...: a test. Says how long it took, for whoever wonders where the time goes.
t() {
    local name=$1 from=$SECONDS
    shift
    if ("$@") >"$state/out" 2>&1 </dev/null; then
        echo "ok $name ($((SECONDS - from)) s)"
    else
        echo "not ok $name ($((SECONDS - from)) s)"
        tail -n 150 "$state/out" | sed 's/^/    /'
        echo 1 >>"$state/failures"
    fi
}

# within SECONDS COMMAND...: until it succeeds. Emulated machines are slow; that is no failure.
within() {
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 2
    done
}

next_phase() { # the next boot goes on there
    echo "$1" >"$state/phase"
    sync
    systemctl reboot
    exit 0
}

phase=$(cat "$state/phase" 2>/dev/null || echo install)
echo "# phase $phase: up since $(cut -d' ' -f1 /proc/uptime) s, $(uname -r)"
source "$here/phase-$phase.sh"
