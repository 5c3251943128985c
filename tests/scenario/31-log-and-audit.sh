#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The transparency log and the audit trail of a server that runs: first honest, then with somebody who can write to the
# database, and at last with somebody who can also make the keeper forget. Under PostgreSQL the script runs a second time,
# inside a server of its own.
. "${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"
[ -x "$BUILD/refrendad" ] || skip_all "no refrendad in this build"
have python3 curl openssl || skip_all "python3, curl or openssl is missing"

home=$WORK/home
if [ -z "${REFRENDA_POSTGRESQL:-}" ]; then
    KIND=sqlite
    DATABASE=sqlite:$home/data/refrenda.db
    check "the ceremony ($KIND)" authority_init "$home"
else
    KIND=postgresql
    DATABASE=$REFRENDA_POSTGRESQL
    check "the ceremony ($KIND)" authority_init "$home" "$DATABASE"
fi

change() { # sql: what somebody does who can write to the database
    case $KIND in
    postgresql) psql -q -v ON_ERROR_STOP=1 "$DATABASE" -c "$1" ;;
    sqlite) python3 - "${DATABASE#sqlite:}" "$1" <<'END'
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=30) as database:
    database.executescript(sys.argv[2])
END
        ;;
    esac
}

issue() { # name
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -subj "/CN=$1" -out "$1.csr" 2>/dev/null &&
        "$REFRENDA" ca issue --home "$home" --profile tls-client --attribute c=PE --attribute "o=Entidad Inventada" \
            --attribute "cn=$1" --request "$1.csr" -o "$1.pem"
}

settled() { # nothing waits, and the head counts every leaf
    eventually is_settled
}
is_settled() {
    "$REFRENDA" ca log --home "$home" --json 2>/dev/null | python3 -c '
import json, sys
log = json.load(sys.stdin)["log"][0]
sys.exit(0 if log["waiting"] == 0 and log.get("head", {}).get("size") == log["leaves"] else 1)'
}

audited() { # nothing waits in the audit
    eventually eval '[ "$(authority_sql "$DATABASE" "SELECT count(*) FROM audit_waiting")" = 0 ]'
}

checkpointed() { # sequence: the worker has the trail's end signed soon after it starts, and every minute
    eventually is_checkpointed "$1" && return 0
    tail -n 20 "$home.log"
    return 1
}
is_checkpointed() {
    local last
    last=$(authority_sql "$DATABASE" "SELECT max(sequence) FROM audit_checkpoint")
    echo "the last checkpoint is of row $last, wanted is $1"
    [ "${last:-0}" -ge "$1" ]
}

# ---- Honest ----

check "the server starts" authority_start "$home"
for name in uno dos tres; do check "a certificate is issued: $name" issue "$name"; done
check "the log is up to date" settled
check "the log is whole" "$REFRENDA" log verify "$STATUS_URL" --state log.state
check_says "The certificate is leaf" "a certificate is in it" "$REFRENDA" log verify "$STATUS_URL" --certificate dos.pem
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout stranger.key -subj "/CN=stranger" -out stranger.pem 2>/dev/null
check_status 1 "another one is not" "$REFRENDA" log verify "$STATUS_URL" --certificate stranger.pem
curl -s "$STATUS_URL/log/v1/key" -o log.pem
check "the key can be had beforehand" "$REFRENDA" log verify "$STATUS_URL" --key log.pem --state log.state
check_status 1 "and is looked at" "$REFRENDA" log verify "$STATUS_URL" --key stranger.pem
check "one more certificate" issue cuatro
check "the log is up to date again" settled
check_says "It continues the log of" "the log continues the one of before" "$REFRENDA" log verify "$STATUS_URL" --state log.state
check_says '"fault": ""' "as JSON, too" "$REFRENDA" log verify "$STATUS_URL" --state log.state --json
check_says "signed head" "its state inside" "$REFRENDA" ca log --home "$home"

check "the audit rows are chained" audited
check "the audit trail is whole while the server runs" "$REFRENDA" audit verify --home "$home"
check_says "certificate.store" "it tells who issued" "$REFRENDA" audit list --home "$home"
serial=$(openssl x509 -in uno.pem -noout -serial | cut -d= -f2 | tr A-F a-f)
"$REFRENDA" ca revoke --home "$home" "$serial" --reason superseded --yes >/dev/null 2>&1
check "the revocation is chained" audited
object=$(authority_sql "$DATABASE" "SELECT object FROM audit_row WHERE action = 'certificate.revoke'")
check_says "certificate.revoke" "and what became of a certificate" "$REFRENDA" audit list --home "$home" --object "$object"
check "the server ends" authority_stop
rows=$(authority_sql "$DATABASE" "SELECT max(sequence) FROM audit_row")
check "it starts again" authority_start "$home"
check "the trail's end is signed" checkpointed "$rows"
check "the server ends again" authority_stop
check "the audit trail is whole while the server does not run" "$REFRENDA" audit verify --home "$home"

# ---- Somebody who can write to the database ----

change "CREATE TABLE saved_row AS SELECT * FROM audit_row; CREATE TABLE saved_chain AS SELECT * FROM audit_chain;
        CREATE TABLE saved_checkpoint AS SELECT * FROM audit_checkpoint"
put_back() {
    change "DELETE FROM audit_row; INSERT INTO audit_row SELECT * FROM saved_row;
            DELETE FROM audit_chain; INSERT INTO audit_chain SELECT * FROM saved_chain;
            DELETE FROM audit_checkpoint; INSERT INTO audit_checkpoint SELECT * FROM saved_checkpoint"
}
caught() { # fault sql name
    put_back
    change "$2"
    check_status 1 "$3" "$REFRENDA" audit verify --home "$home" --json
    check_log "\"fault\": \"$1\"" "and it is called so: $1"
}
caught altered "UPDATE audit_row SET actor = 'agent:somebody-else' WHERE sequence = 2" "an altered row is found"
caught missing "DELETE FROM audit_row WHERE sequence = 2" "a deleted row is found"
caught reordered "UPDATE audit_row SET sequence = 1000000 WHERE sequence = 2; UPDATE audit_row SET sequence = 2 WHERE sequence = 3;
                  UPDATE audit_row SET sequence = 3 WHERE sequence = 1000000" "rows in another order are found"
caught cut "DELETE FROM audit_row WHERE sequence > 3; DELETE FROM audit_checkpoint WHERE sequence > 3;
            UPDATE audit_chain SET sequence = 3, hash = (SELECT hash FROM audit_row WHERE sequence = 3)" \
    "a tail that was cut off with care is found: the keeper remembers"
caught checkpoint "UPDATE audit_checkpoint SET time = time + 60000000" "an altered checkpoint is found"
put_back
check "put back as it was, all is well" "$REFRENDA" audit verify --home "$home"

# ---- Somebody who writes the log anew ----

leaves=$(authority_sql "$DATABASE" "SELECT count(*) FROM transparency_leaf")
anew() { # the first certificate was never there
    case $KIND in
    sqlite) empty="zeroblob(0)" ;;
    *) empty="''" ;;
    esac
    change "INSERT INTO transparency_waiting(certificate, hash) SELECT certificate, hash FROM transparency_leaf WHERE position > 0 ORDER BY position;
            INSERT INTO transparency_waiting(certificate, hash) SELECT certificate, hash FROM transparency_leaf WHERE position > 0 ORDER BY position;
            DELETE FROM transparency_leaf; DELETE FROM transparency_tile; DELETE FROM transparency_head;
            UPDATE transparency_tree SET size = 0, roots = $empty"
}
check "the log has leaves" test "$leaves" -ge 4
check "the log is written anew" anew
check "the server starts with it" authority_start "$home"
check "and its log is signed: it is longer, and a keeper cannot see more" settled
check "by itself it is a good log" "$REFRENDA" log verify "$STATUS_URL"
check_status 1 "who has seen the log before sees the fork" "$REFRENDA" log verify "$STATUS_URL" --state log.state
check_log "what it had then was altered" "and is told"
check "both heads are kept" test -s log.state -a -s log.state.contradiction
check_status 1 "also when he asks for one certificate only" "$REFRENDA" log verify "$STATUS_URL" --state log.state --certificate dos.pem
check "the server ends at last" authority_stop
[ "$KIND" = postgresql ] || change "DELETE FROM transparency_leaf; DELETE FROM transparency_tile; DELETE FROM transparency_head;
    DELETE FROM transparency_waiting; UPDATE transparency_tree SET size = 0, roots = zeroblob(0)"
if [ "$KIND" = sqlite ]; then
    check "the log is emptied, and the server starts" authority_start "$home"
    sleep 3
    check_status 3 "the keeper signs no smaller tree: there is no head any more" "$REFRENDA" log verify "$STATUS_URL"
    check "the server ends after that" authority_stop
fi

# ---- Once more on PostgreSQL ----

if [ -z "${REFRENDA_POSTGRESQL:-}" ]; then
    if have psql && [ -d /usr/lib/postgresql ]; then
        check "the same on PostgreSQL" "$SOURCE/tests/support/postgresql-server" env WORK="$WORK/again" bash -c \
            'mkdir -p "$WORK" && bash "$0"' "$SOURCE/tests/scenario/31-log-and-audit.sh"
        sed -n '/^not ok/,/^#/p' "$LOG" | sed 's/^/# /'
    else
        skip "PostgreSQL is not installed"
    fi
fi
finish
