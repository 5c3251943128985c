# SPDX-License-Identifier: EUPL-1.2
# A whole certification authority on loopback for scripts: source it after tap.sh.
#
#   authority_init HOME [DATABASE]     a ceremony by the demo's plan, with ports of its own: STATUS_PORT, API_PORT, METRICS_PORT
#   authority_start HOME               starts refrendad and waits until it is ready
#   authority_stop                     ends it and waits; false when it did not end by itself
#   authority_client HOME NAME         a registration client: HOME/NAME.pem, HOME/NAME.key
#   authority_child HOME ROLE          process numbers of a role
#   authority_sql DATABASE SQL         runs a query, one row a line, columns separated by |
#   authority_sql_write FILE SQL       changes something in a file of SQLite

export REFRENDA_PACKS=$SOURCE/packs

authority_init() { # home [database [edit of the plan]]
    local home=$1 database=${2:-} edit=${3:-}
    read -r STATUS_PORT API_PORT METRICS_PORT < <(free_ports 3)
    STATUS_URL=http://127.0.0.1:$STATUS_PORT
    API_URL=https://127.0.0.1:$API_PORT
    sed -e "s/127.0.0.1:8089/127.0.0.1:$STATUS_PORT/g; s/127.0.0.1:8090/127.0.0.1:$API_PORT/; s/127.0.0.1:8091/127.0.0.1:$METRICS_PORT/" \
        -e "$edit" "$SOURCE/packs/plans/demo.yaml" >"$home.plan.yaml"
    [ -z "$database" ] || printf 'database: %s\n' "$database" >>"$home.plan.yaml"
    "$REFRENDA" ca init --plan "$home.plan.yaml" --home "$home" --root "$home.root"
}

authority_start() { # home
    "$BUILD/refrendad" --home "$1" 2>"$1.log" &
    AUTHORITY=$!
    SERVERS+=("$AUTHORITY") # a script that ends early takes it along
    eventually authority_is_up && authority_is_ready && return 0
    tail -n 20 "$1.log"
    return 1
}

authority_is_ready() {
    curl -sf -m 10 -o /dev/null "http://127.0.0.1:$METRICS_PORT/health/ready" &&
        curl -sf -m 10 -o /dev/null "http://127.0.0.1:$STATUS_PORT/health/ready" && authority_has_keepers
}
# Each process that asks one says that it answers; those of pages begin to listen before.
authority_has_keepers() {
    local connected
    connected=$(curl -sf -m 10 "http://127.0.0.1:$METRICS_PORT/metrics") && ! grep -q '^refrenda_keeper_connected.* 0$' <<<"$connected"
}
authority_is_up() { authority_is_ready || ! kill -0 "$AUTHORITY" 2>/dev/null; } # or it has ended

# Nothing waits for the worker, whose lease may be that of one that was killed.
authority_is_sequenced() { # database
    [ "$(authority_sql "$1" 'SELECT (SELECT count(*) FROM audit_waiting) + (SELECT count(*) FROM transparency_waiting)')" = 0 ]
}

authority_stop() {
    local waited
    kill -TERM "$AUTHORITY" 2>/dev/null
    for waited in $(seq 600); do
        kill -0 "$AUTHORITY" 2>/dev/null || { wait "$AUTHORITY" 2>/dev/null; return 0; }
        sleep 0.1
    done
    pkill -KILL -P "$AUTHORITY"
    kill -KILL "$AUTHORITY"
    return 1
}

authority_client() { # home name
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1/$2.key" -subj "/CN=$2" -out "$1/$2.csr" 2>/dev/null &&
        "$REFRENDA" ca issue --home "$1" --profile tls-client --attribute c=PE --attribute "o=Entidad Inventada de Demostración" \
            --attribute "cn=$2" --request "$1/$2.csr" -o "$1/$2.pem" &&
        "$REFRENDA" ca register --home "$1" client "$2" "$1/$2.pem"
}

authority_child() { # role
    pgrep -P "$AUTHORITY" -f -- "--child $1 "
}

authority_sql() { # database sql
    case $1 in
    postgresql://*) psql -At "$1" -c "$2" ;;
    *) python3 - "${1#sqlite:}" "$2" <<'END'
import sqlite3, sys
for row in sqlite3.connect(sys.argv[1], timeout=120).execute(sys.argv[2]):
    print(*(value.hex() if isinstance(value, bytes) else value for value in row), sep="|")
END
        ;;
    esac
}

authority_sql_write() { # SQLite's file, a statement
    python3 -c 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1], timeout=120); db.execute(sys.argv[2]); db.commit()' "$1" "$2"
}
