#!/usr/bin/env bash
# Runs a command with a throw-away PostgreSQL: scripts/postgres-test.sh COMMAND...
# Its URL is in CARINA_TEST_POSTGRES. The server listens on loopback, never runs as root, keeps its
# data in a temporary folder and is gone when the command ends, however it ends.
source "$(dirname "$0")/env.sh"
[ $# -gt 0 ] || fail "usage: scripts/postgres-test.sh COMMAND..."

bin=$(dirname "$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)") 2>/dev/null
[ -x "$bin/initdb" ] || fail "PostgreSQL is missing: run scripts/setup.sh test"

dir=$(mktemp -d "${TMPDIR:-/tmp}/carina-postgres.XXXXXX")
as_user=()
if [ "$(id -u)" = 0 ]; then
    # initdb refuses root; the package made this user for it.
    chown postgres "$dir"
    as_user=(setpriv --reuid postgres --regid postgres --init-groups env HOME="$dir")
fi

stop() {
    "${as_user[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT TERM

free_port() { # asks the kernel for one
    local port
    for port in $(shuf -i 20000-29999 -n 50); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
    fail "no free port"
}
port=$(free_port)

cd "$dir"
"${as_user[@]}" "$bin/initdb" -D "$dir/data" -U carina --auth=trust -E UTF8 --locale=C >"$dir/initdb.log" 2>&1 ||
    { cat "$dir/initdb.log" >&2; fail "initdb failed"; }
# Durability is of no use to a database that lives for a minute.
"${as_user[@]}" "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 30 start -o \
    "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$dir -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300" >/dev/null ||
    { cat "$dir/server.log" >&2; fail "PostgreSQL did not start"; }
"${as_user[@]}" "$bin/createdb" -h "$dir" -p "$port" -U carina carina

cd "$ROOT"
export CARINA_TEST_POSTGRES=postgres://carina@127.0.0.1:$port/carina
"$@"
