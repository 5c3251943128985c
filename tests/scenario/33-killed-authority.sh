#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Processes of the authority are killed while a crowd of clients has certificates issued and revoked: what was acknowledged is
# there once, nothing is there twice, numbers only grow, log and audit are whole. On SQLite and on PostgreSQL.
#   KILL_ORDERS    how many orders (scripts/soak: 10,000)      KILLS         how many processes are killed, at most
#   KILL_SECONDS   no new orders after so many seconds         KILL_PAUSE    milliseconds between two orders of a client
#   KILL_REST      seconds between two kills, on top of one at random
. "${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"
have python3 curl openssl || skip_all "python3, curl or openssl is missing"
: "${KILL_ORDERS:=300}" "${KILLS:=12}" "${KILL_SECONDS:=30}" "${KILL_PAUSE:=600}" "${KILL_REST:=0}"
home=$WORK/authority
database=${REFRENDA_POSTGRESQL:-} # under PostgreSQL the script runs a second time, inside a server of its own
kind=${database:+PostgreSQL}
kind=${kind:-SQLite}

# Until the file is gone: one role after the other loses a process, at a time that nobody knows.
killer() {
    local roles=(keeper web worker status signer) i=0 children victim
    while [ -e "$WORK/.killing" ] && [ $i -lt "$KILLS" ]; do
        sleep $((KILL_REST + RANDOM % 2)).$((RANDOM % 8 + 1))
        mapfile -t children < <(authority_child "${roles[i % 5]}")
        [ ${#children[@]} -gt 0 ] || continue
        victim=${children[RANDOM % ${#children[@]}]}
        kill -KILL "$victim" 2>/dev/null && echo "${roles[i % 5]}" >>"$WORK/killed" && echo "$victim" >"$WORK/victim"
        i=$((i + 1))
    done
}

# The numbers of the full list, as a client sees them over time.
watch_lists() {
    while [ -e "$WORK/.killing" ]; do
        curl -s -m 5 "$STATUS_URL/crl/emisora-1.crl" 2>/dev/null | openssl crl -inform DER -noout -crlnumber 2>/dev/null |
            sed -n 's/^crlNumber=0x//p' >>"$WORK/numbers"
        sleep 0.3
    done
}

orders() {
    timeout -k 5 $((KILL_SECONDS + 300)) "$BUILD/tests/load/registrar" --port "$API_PORT" --host localhost \
        --trust "$home/public/chain.pem" --certificate "$home/registro.pem" --key "$home/registro.key" \
        --agent "$home/agente.p12" --agent-password "$home/agente.password" --authority emisora-1 \
        --authority-certificate "$home/public/emisora-1.pem" --profile pe-natural-person \
        --attributes 'sn=PRUEBA {n},givenName=ANA,serialNumber=IDCPE-{n},cn=ANA PRUEBA {n}' --clients 16 \
        --count "$KILL_ORDERS" --seconds "$KILL_SECONDS" --pause "$KILL_PAUSE" --revoke-each 4 --acknowledged "$WORK/acknowledged"
}

grows() { # file: hexadecimal numbers that never become smaller
    python3 -c 'import sys
last = 0
for line in open(sys.argv[1]):
    number = int(line, 16)
    assert number >= last, (number, last)
    last = number
assert last > 0' "$1"
}

same_lines() { test -s "$1" && diff <(sort "$1") <(sort "$2"); }
sql() { authority_sql "$database" "$1"; }
hexed() { [ "$kind" = SQLite ] && echo "lower(hex($1))" || echo "encode($1, 'hex')"; }
none() { test -z "$(sql "$1")"; }

# Every certificate of the register is in the log, once, and all that the tree says is there.
all_logged() {
    none 'SELECT id FROM certificate WHERE id NOT IN (SELECT certificate FROM transparency_leaf)' &&
        none 'SELECT certificate FROM transparency_leaf GROUP BY certificate HAVING count(*) > 1' &&
        test "$(sql 'SELECT count(*) FROM transparency_leaf')" = "$(sql 'SELECT size FROM transparency_tree')"
}

# Revocation lists made now have every serial number that was acknowledged as revoked.
listed() {
    "$REFRENDA" ca crl --now --home "$home" && eventually all_listed # the public service looks for a newer list once a second
}
all_listed() {
    curl -sf -m 60 "$STATUS_URL/crl/emisora-1.crl" |
        openssl crl -inform DER -noout -text | sed -n 's/^ *Serial Number: //p' | tr 'A-F' 'a-f' | sort >listed
    test -z "$(comm -23 <(sort revoked) listed)"
}

check "$kind: a ceremony" authority_init "$home" "$database"
check "$kind: the server starts" authority_start "$home"
check "$kind: a client" authority_client "$home" registro
touch "$WORK/.killing"
killer &
helpers=($!)
watch_lists &
helpers+=($!)
check "$kind: orders are acknowledged while processes die" orders
sed 's/^/# /' "$LOG"
rm "$WORK/.killing"
wait "${helpers[@]}" # nobody is killed any more
eventually test ! -e "/proc/$(cat victim)" # and the server knows who was
check "$kind: everything comes back" eventually authority_is_ready
printf '# %s: %s processes were killed (%s), %s certificates and %s revocations were acknowledged\n' "$kind" "$(wc -l <killed)" \
    "$(sort killed | uniq -c | awk '{ printf "%s%s %s", separator, $1, $2; separator = ", " }')" \
    "$(grep -c '^issued' acknowledged)" "$(grep -c '^revoked' acknowledged)"
check "$kind: no process was ended by its sandbox" test "$(grep -c forbidden-call "$home.log")" = 0
[ "$kind" = PostgreSQL ] || database=sqlite:$home/data/refrenda.db

sed -n 's/^issued \([0-9a-f]*\) .*/\1/p' acknowledged >issued
sed -n 's/^revoked \([0-9a-f]*\) .*/\1/p' acknowledged >revoked
sql "SELECT $(hexed serial) FROM certificate WHERE profile = 'pe-natural-person'" >stored
sql "SELECT $(hexed s.serial) FROM certificate_status s JOIN certificate c ON c.id = s.certificate \
    WHERE c.profile = 'pe-natural-person' AND s.state = 3" >stored-revoked
check "$kind: every order has one certificate, and none is there beside them" same_lines issued stored
check "$kind: exactly what was acknowledged as revoked is revoked" same_lines revoked stored-revoked
check "$kind: no serial number twice" none 'SELECT authority FROM certificate GROUP BY authority, serial HAVING count(*) > 1'
check "$kind: no approval twice" none "SELECT client FROM certificate WHERE profile = 'pe-natural-person' GROUP BY client, request HAVING count(*) > 1"
check "$kind: changes have numbers without gaps" test \
    "$(sql 'SELECT count(*), min(number), max(number) FROM status_change')" = \
    "$(sql 'SELECT number, 1, number FROM status_counter')"
check "$kind: a new list has all of them" listed
check "$kind: numbers of lists never go back" grows numbers
check "$kind: the sequencers catch up" eventually authority_is_sequenced "$database"
check "$kind: every certificate is in the log, once" all_logged
check "$kind: the audit is whole" "$REFRENDA" audit verify --home "$home"
check "$kind: the log is whole" "$REFRENDA" log verify "$STATUS_URL" --key "$home/public/log.pem"
check "$kind: the server stops" authority_stop

if [ "$kind" = SQLite ]; then
    if have psql initdb || [ -d /usr/lib/postgresql ]; then
        check "the same on PostgreSQL" "$SOURCE/tests/support/postgresql-server" env WORK="$WORK/again" bash -c \
            'mkdir -p "$WORK" && bash "$SOURCE/tests/scenario/33-killed-authority.sh"'
        grep -E '^(not )?ok|^#' "$LOG" | sed 's/^/# /'
    else
        skip "PostgreSQL is not installed"
    fi
fi
finish
