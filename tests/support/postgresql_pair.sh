# SPDX-License-Identifier: EUPL-1.2
# A PostgreSQL primary and its synchronous standby, on loopback: source it after tap.sh.
#
#   pair_start          PAIR_DATABASE names both, for whoever writes; the primary acknowledges nothing that the standby has not
#   pair_kill           the primary's processes die at once (kill -9)
#   pair_promote        the standby takes over
#   pair_pause/_resume  the standby stands still: nothing is confirmed
#   pair_stop

PAIR_PROGRAMS=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1)

pair_run() { # command... as a user that PostgreSQL accepts
    if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else (cd / && "$@"); fi
}

pair_start() {
    [ -n "$PAIR_PROGRAMS" ] || return 77
    PAIR=$(mktemp -d)
    chmod 755 "$PAIR"
    [ "$(id -u)" != 0 ] || chown postgres "$PAIR"
    read -r PAIR_FIRST PAIR_SECOND < <(free_ports 2)
    PAIR_DATABASE="postgresql://refrenda@127.0.0.1:$PAIR_FIRST,127.0.0.1:$PAIR_SECOND/postgres?target_session_attrs=read-write"
    pair_run "$PAIR_PROGRAMS/initdb" -D "$PAIR/first" -U refrenda -A trust -E UTF8 --locale=C.UTF-8 >"$PAIR/log" 2>&1 &&
        pair_server first "$PAIR_FIRST" &&
        pair_run "$PAIR_PROGRAMS/pg_basebackup" -D "$PAIR/second" -d "host=127.0.0.1 port=$PAIR_FIRST user=refrenda" -R -X stream -c fast &&
        pair_server second "$PAIR_SECOND" || return
    # After the copy: the standby, once it is alone, waits for nobody.
    psql -qAt "$PAIR_DATABASE" -c "ALTER SYSTEM SET synchronous_standby_names = '*'" -c "SELECT pg_reload_conf()" >/dev/null
    eventually pair_is_synchronous
}

pair_is_synchronous() { [ "$(psql -qAt "$PAIR_DATABASE" -c 'SELECT sync_state FROM pg_stat_replication')" = sync ]; }

pair_server() { # folder port
    pair_run "$PAIR_PROGRAMS/pg_ctl" -D "$PAIR/$1" -w -t 120 -l "$PAIR/$1.log" \
        -o "-c listen_addresses=127.0.0.1 -c port=$2 -c unix_socket_directories='$PAIR' -c synchronous_commit=on" start >/dev/null
}

pair_processes() { # folder
    local main
    main=$(head -n 1 "$PAIR/$1/postmaster.pid") && echo "$main" && pgrep -P "$main"
}

pair_kill() {
    local all
    mapfile -t all < <(pair_processes first)
    kill -KILL "${all[@]}"
}

pair_promote() { pair_run "$PAIR_PROGRAMS/pg_ctl" -D "$PAIR/second" -w -t 120 promote; }
pair_signal() { # signal: to the standby
    local all
    mapfile -t all < <(pair_processes second)
    kill "-$1" "${all[@]}"
}
pair_pause() { pair_signal STOP; }
pair_resume() { pair_signal CONT; }

pair_stop() {
    local one
    for one in first second; do
        pair_run "$PAIR_PROGRAMS/pg_ctl" -D "$PAIR/$one" -m immediate stop >/dev/null 2>&1
    done
    rm -rf "$PAIR"
}
