# shellcheck shell=bash
# The panel as a person without a browser uses it, and the cluster's docker client.

origin=http://127.0.0.1:8080
jar=$state/cookies
bundle=$state/vm

post() { # path [field=value...]: a form
    local path=$1 fields=()
    shift
    for field in "$@"; do fields+=(--data-urlencode "$field"); done
    curl -sS --fail-with-body --max-time 60 -b "$jar" -c "$jar" -H "Origin: $origin" -X POST "${fields[@]}" "$origin$path"
}

panel_answers() { curl -sS --fail --max-time 20 "$origin/healthz"; }

account_make() {
    echo 'correct horse battery staple' | carina admin account-create ada --administrator || return
    [ "$(stat -c %U /var/lib/carina/panel/carina.db)" = carina ]
}
sign_in() {
    post /api/sign_in name=ada password='correct horse battery staple' next=/clusters >/dev/null &&
        [ "$(cluster_field length)" != "" ]
}
cluster_create() { post /api/cluster_create name=vm segments=2 >/dev/null; }
cluster_field() { post /api/cluster_list | jq -r "$1"; }
cluster_is_active() { [ "$(cluster_field '.[0].phase')" = active ]; }

bundle_get() {
    local id
    id=$(cluster_field '.[0].id') || return
    echo "$id" >"$state/cluster"
    rm -rf "$bundle"
    (cd "$state" && post "/clusters/$id/bundle" >vm.zip && unzip -qo vm.zip && ls vm)
}

# d ARGUMENT...: docker through the bundle; `address K ARGUMENT...` by a segment's own address.
d() { (source "$bundle/docker.env" && timeout 300 docker "$@"); }
segment_address() { # ordinal
    virsh -c lxc:/// dumpxml "$(cat "$state/cluster")-n$1" | sed -n "s/.*<ip address='\([0-9.]*\)'.*/\1/p"
}
at() { # ordinal argument...
    local address
    address=$(segment_address "$1") || return
    shift
    (source "$bundle/docker.env" && DOCKER_HOST=tcp://$address:2376 timeout 300 docker "$@")
}
segment_pid() { # ordinal: the host's number of the segment's PID 1
    local controller
    controller=$(virsh -c lxc:/// domid "$(cat "$state/cluster")-n$1") || return
    pgrep -P "$controller"
}
segments_running() { [ "$(virsh -c lxc:/// list --state-running --name | grep -c -- '-n')" = 2 ]; }
segments_healthy() { [ "$(at 1 info | grep -c 'Status: Healthy')" = 2 ]; }
answers() { # url: through a container of the overlay network on each segment
    d run --rm --network web "$@"
}
