# SPDX-License-Identifier: EUPL-1.2
# A world of status services for scenario tests and measurements. Source it after tap.sh.
#
#   world_make FOLDER [P-256|RSA-2048]
#   world_run FOLDER            starts it; sets PORT and SITE; stopped at the end. WORLD_HEALTH=live: though it cannot serve all
#   world_stop

WORLD=$BUILD/tests/interop/status_world
WORLD_PID=

world_make() { # folder [algorithm]
    mkdir -p "$1" && chmod 755 "$WORK" "$1" && "$WORLD" init "$@"
}

world_run() { # folder
    rm -f "$1/port"
    "$WORLD" run "$1" >>"$1/output" 2>&1 &
    WORLD_PID=$!
    SERVERS+=("$WORLD_PID")
    eventually world_is_ready "$1"
    PORT=$(cat "$1/port")
    SITE=http://127.0.0.1:$PORT
}

world_is_ready() { # folder
    [ -s "$1/port" ] && curl -fs -m 5 -o /dev/null "http://127.0.0.1:$(cat "$1/port")/health/${WORLD_HEALTH:-ready}"
}

world_stop() {
    [ -n "$WORLD_PID" ] && kill "$WORLD_PID" 2>/dev/null && wait "$WORLD_PID" 2>/dev/null
    WORLD_PID=
}
