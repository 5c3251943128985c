#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The server as a whole: an authority is made, refrendad runs it on loopback, each of its processes is killed and comes
# back, it ends cleanly. With SQLite, and with PostgreSQL where it is installed.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

REFRENDAD=${REFRENDAD:-$BUILD/refrendad}
export REFRENDA_PACKS=$SOURCE/packs
[ -x "$REFRENDAD" ] || skip_all "no refrendad in this build"
have openssl curl python3 || skip_all "no openssl, curl or python3"

# ---- The program ----

check_says "refrendad 0" "it has a version" "$REFRENDAD" --version
check_says "usage: refrendad" "and help" "$REFRENDAD" --help
check_status 2 "wrong usage is refused" "$REFRENDAD" --nonsense
check "docs/settings.md is printed from the table" bash -c "'$REFRENDAD' --describe-settings | diff - '$SOURCE/docs/settings.md'"
mkdir bad
printf 'status:\n  clock: sundial\n' >bad/refrenda.yaml
check_status 1 "wrong settings are refused" "$REFRENDAD" --home bad --check
check_log "line 2: status.clock" "with their line"
check_status 1 "no settings, no server" "$REFRENDAD" --home "$WORK"

# ---- Help ----

until_true() { # command...
    eventually "$@" && return 0
    tail -n 20 "$WORK/server.log" 2>/dev/null
    return 1
}

make_home() { # folder [database]
    read -r STATUS REGISTRATION METRICS < <(free_ports 3)
    sed "s/127\.0\.0\.1:8089/127.0.0.1:$STATUS/; s/127\.0\.0\.1:8090/127.0.0.1:$REGISTRATION/; s/127\.0\.0\.1:8091/127.0.0.1:$METRICS/" \
        "$SOURCE/packs/plans/demo.yaml" >plan.yaml
    [ -n "${2:-}" ] && printf 'database: "%s"\n' "$2" >>plan.yaml
    "$REFRENDA" ca init --plan plan.yaml --home "$1" --quiet
}

start_server() { # folder [command that starts it...]
    local home=$1
    shift
    "$@" "$REFRENDAD" --home "$home" --log text >>server.log 2>&1 &
    SERVER=$!
    SERVERS+=("$SERVER")
}

children() { cat "/proc/$SERVER/task/$SERVER/children" 2>/dev/null; }
child() { # role index
    local p
    for p in $(children); do
        tr '\0' ' ' <"/proc/$p/cmdline" 2>/dev/null | grep -q -- "--child $1 $2 " && echo "$p"
    done
}
is_ready() { [ "$(curl -s -m 5 "http://127.0.0.1:$METRICS/health/ready")" = ready ]; }
is_answering() { curl -sf -m 5 "http://127.0.0.1:$STATUS/health/ready"; }
is_well() { is_ready && is_answering; }
is_back() { # role index old
    local now
    now=$(child "$1" "$2")
    [ -n "$now" ] && [ "$now" != "$3" ] && is_well
}

stop_server() {
    local all
    all=$(children)
    kill "$SERVER"
    local status=0
    wait "$SERVER" || status=$?
    [ "$status" = 0 ] || { echo "ended with $status"; tail -n 20 server.log; return 1; }
    local p
    for p in $all; do [ ! -e "/proc/$p" ] || { echo "process $p is left"; return 1; }; done
}

issue() { # name
    "$REFRENDA" ca issue --home "$HOME_DIR" --profile pe-natural-person --attribute givenName=ANA \
        --attribute sn="QUISPE MAMANI" --attribute cn="ANA QUISPE MAMANI" --attribute "serialNumber=IDCPE-7000$RANDOM" \
        --new-key P-256 --new-pass-file "$WORK/new.password" --p12 "$HOME_DIR/agente.p12" \
        --pass-file "$HOME_DIR/agente.password" -o "$1.p12" &&
        openssl pkcs12 -in "$1.p12" -passin "file:$WORK/new.password" -nokeys -clcerts -out "$1.pem"
}
serial_of() { openssl x509 -in "$1.pem" -noout -serial | cut -d= -f2; }
ocsp_says() { # name word
    openssl ocsp -issuer "$HOME_DIR/public/emisora-1.pem" -cert "$1.pem" -url "http://127.0.0.1:$STATUS/ocsp" \
        -CAfile "$HOME_DIR/public/chain.pem" >ocsp.txt 2>&1 || { cat ocsp.txt; return 1; }
    grep -q "$1.pem: $2" ocsp.txt || { cat ocsp.txt; return 1; }
}
is_listed() { # name
    [ -s "$1.pem" ] && curl -sf -m 60 "http://127.0.0.1:$STATUS/crl/emisora-1.crl" | openssl crl -inform DER -noout -text | grep -qi "$(serial_of "$1")"
}
time_stamp() {
    printf 'hello\n' >data
    openssl ts -query -data data -sha256 -cert -out data.tsq &&
        curl -sf -H 'Content-Type: application/timestamp-query' --data-binary @data.tsq "http://127.0.0.1:$STATUS/tsa" >data.tsr &&
        openssl ts -verify -queryfile data.tsq -in data.tsr -CAfile "$HOME_DIR/public/raiz.pem" -untrusted "$HOME_DIR/public/emisora-1.pem"
}
printf 'another secret\n' >new.password

# The personal keeper is reached over the admin socket, knows whom the keeper knows, and has a store that is its own.
personal_keeper() { # name
    openssl ecparam -name prime256v1 -genkey -noout -out sede.key && openssl ec -in sede.key -pubout -out sede.pem 2>/dev/null
    check "$1: a portal is registered" "$REFRENDA" ca register --home "$HOME_DIR" portal sede sede.pem --attribute "cn=Sede de Villa Ejemplo"
    check_says "portal    sede" "$1: and listed" "$REFRENDA" ca register --home "$HOME_DIR" list
    check_says "personal  personal" "$1: beside the personal keeper" "$REFRENDA" ca register --home "$HOME_DIR" list
    check "$1: an agent is registered with both keepers" "$REFRENDA" ca register --home "$HOME_DIR" agent otra two.pem --profile pe-natural-person
    check "$1: in the store of either" test -s "$HOME_DIR/keys/authority/otra.agent" -a -s "$HOME_DIR/keys/personal/otra.agent"
    check "$1: uses of people's keys are told" until_true grep -q '"operation":"register"' "$HOME_DIR/keys/personal/keeper.log"
    check "$1: the time is said, as of another clock" "$REFRENDA" ca clock --home "$HOME_DIR" --yes "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
    check "$1: and told" until_true grep -q '"operation":"personal-set-clock"' "$HOME_DIR/keys/personal/keeper.log"
    check_status 1 "$1: another one is none" "$REFRENDA" ca clock --home "$HOME_DIR" --yes 2019-01-01T00:00:00Z
    check "$1: the portal goes" "$REFRENDA" ca unregister --home "$HOME_DIR" portal sede --yes
    check "$1: the agent, whose certificate is revoked" "$REFRENDA" ca revoke --home "$HOME_DIR" --yes --reason superseded "$(serial_of two)"
    check "$1: is struck off by both" until_true test ! -e "$HOME_DIR/keys/authority/otra.agent" -a ! -e "$HOME_DIR/keys/personal/otra.agent"
}

# ---- A day in its life ----

live() { # name [database]
    HOME_DIR=$WORK/$1
    rm -f one.* two.*
    check "$1: an authority is made" make_home "$HOME_DIR" "${2:-}"
    [ -s "$HOME_DIR/refrenda.yaml" ] || return # the rest would only wait
    check_says "good; 2 signers" "$1: its settings are good" "$REFRENDAD" --home "$HOME_DIR" --check
    start_server "$HOME_DIR"
    check "$1: the server becomes ready" until_true is_well
    check_status 1 "$1: a second server is refused" "$REFRENDAD" --home "$HOME_DIR"
    check_log "already" "$1: because one runs"

    check "$1: a certificate is issued over the admin socket" issue one
    check "$1: OCSP says good" ocsp_says one good
    check "$1: it is revoked" "$REFRENDA" ca revoke --home "$HOME_DIR" --yes --reason keyCompromise "$(serial_of one)"
    check "$1: OCSP says revoked" ocsp_says one revoked
    check "$1: the list has it" until_true is_listed one
    check "$1: a time stamp is made" time_stamp
    check "$1: metrics of all processes" bash -c "curl -sf http://127.0.0.1:$METRICS/metrics >metrics.txt && grep -q 'process=\"status-0\"' metrics.txt && grep -q 'process=\"worker-0\"' metrics.txt && grep -q 'process=\"web-0\"' metrics.txt && tail -n 1 metrics.txt | grep -qx '# EOF'"
    check_says 401 "$1: the registration API wants a certificate" curl -sk -m 60 -o /dev/null -w '%{http_code}' "https://127.0.0.1:$REGISTRATION/api/ca/v1/authorities"

    local role index old
    for role in keeper signer personal worker status web; do
        for index in 0 1; do
            [ "$index" = 0 ] || [ "$role" = signer ] || continue
            old=$(child "$role" "$index")
            kill -9 "$old"
            check "$1: $role $index comes back" until_true is_back "$role" "$index" "$old"
        done
    done
    check "$1: OCSP still says revoked" ocsp_says one revoked
    check "$1: issuing goes on" issue two
    check "$1: OCSP goes on" ocsp_says two good
    check "$1: time stamps go on" time_stamp
    personal_keeper "$1"
    check "$1: the log of events says what happened" until_true grep -q "process ended and is started again" server.log

    check "$1: it ends without leaving anybody behind" stop_server
    check "$1: the admin socket is gone" test ! -e "$HOME_DIR/run/admin.sock"

    start_server "$HOME_DIR"
    check "$1: it starts again" until_true is_well
    old=$(children)
    kill -9 "$SERVER"
    wait "$SERVER" 2>/dev/null
    check "$1: without its supervisor, all end" until_true bash -c "for p in $(echo $old); do [ ! -e /proc/\$p ] || exit 1; done"
    start_server "$HOME_DIR"
    check "$1: and it starts again" until_true is_well
    check "$1: what was revoked is revoked" ocsp_says one revoked
    check "$1: it ends" stop_server
    check "$1: the audit trail is whole" "$REFRENDA" audit verify --home "$HOME_DIR"
}

live sqlite

# ---- systemd ----

if have systemd-socket-activate; then
    # Its socket comes from outside; readiness is told to whoever asked for it.
    sed -i "s/listen: \[\"127.0.0.1:$STATUS\"\]/listen: []/" "$WORK/sqlite/refrenda.yaml"
    python3 - "$WORK/notify" <<'END' >notified 2>&1 &
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
s.settimeout(240)
while True:
    print(s.recv(4096).decode(), flush=True)
END
    SERVERS+=($!)
    until_true test -S "$WORK/notify"
    NOTIFY_SOCKET=$WORK/notify systemd-socket-activate -E NOTIFY_SOCKET -E REFRENDA_PACKS -l "127.0.0.1:$STATUS" --fdname=status \
        "$REFRENDAD" --home "$WORK/sqlite" --log text >>server.log 2>&1 &
    SERVER=$!
    SERVERS+=("$SERVER")
    check "socket activation: the first request is answered" until_true is_answering
    check "and systemd is told" until_true grep -q READY=1 notified
    check "it ends" stop_server
    check "and says so" until_true grep -q STOPPING=1 notified
else
    skip "no systemd-socket-activate"
fi
if have systemd-analyze; then
    mkdir units
    cp "$SOURCE"/packaging/systemd/*.service "$SOURCE"/packaging/systemd/*.socket units
    sed -i "s#/usr/sbin/refrendad#$REFRENDAD#; /^Documentation=/d" units/refrendad.service
    check "the units are good" bash -c "systemd-analyze verify units/* 2>&1 | tee verify.txt; ! grep -v 'kernel system call list' verify.txt | grep -q ."
else
    skip "no systemd-analyze"
fi

# ---- PostgreSQL ----

if [ -n "${REFRENDA_POSTGRESQL:-}" ]; then
    live postgresql "$REFRENDA_POSTGRESQL"
elif "$SOURCE/tests/support/postgresql-server" true >/dev/null 2>&1; then
    # This part alone, with a server of its own, and its results as if they were ours.
    "$SOURCE/tests/support/postgresql-server" bash -c 'printf %s "$REFRENDA_POSTGRESQL" >address; while [ ! -e enough ]; do sleep 0.1; done' &
    DATABASE=$!
    until_true test -s address
    live postgresql "$(cat address)"
    touch enough
    wait "$DATABASE"
else
    skip "no PostgreSQL"
fi
finish
