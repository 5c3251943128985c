#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Processes of the authority are killed at random while a crowd of clients has certificates issued and revoked: what was
# acknowledged is there once, nothing is there twice, numbers only grow, log and audit are whole. KILL_ORDERS says how many
# orders (tests/soak/killed-authority runs it with 10,000); both databases.
. "${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"
have python3 curl openssl || skip_all "python3, curl or openssl is missing"
: "${KILL_ORDERS:=300}"

# Under PostgreSQL the script runs a second time, inside a server of its own.
if [ -z "${REFRENDA_POSTGRESQL:-}" ]; then
    DATABASES=(sqlite)
else
    DATABASES=(postgresql)
fi

killer() { # until the file is gone: a random child dies every half second
    while [ -e "$WORK/.killing" ]; do
        sleep 0.$((RANDOM % 6 + 2))
        local children
        mapfile -t children < <(pgrep -P "$AUTHORITY")
        [ ${#children[@]} -gt 0 ] && kill -KILL "${children[RANDOM % ${#children[@]}]}" 2>/dev/null && printf . >>"$WORK/.kills"
    done
}

# The numbers of the full list, as a client sees them over time.
watch_lists() {
    while [ -e "$WORK/.killing" ]; do
        curl -s "$STATUS_URL/crl/emisora-1.crl" 2>/dev/null | openssl crl -inform DER -noout -crlnumber 2>/dev/null |
            sed -n 's/^crlNumber=0x//p' >>"$WORK/.numbers"
        sleep 0.3
    done
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

same_lines() { diff <(sort "$1") <(sort "$2"); }

for kind in "${DATABASES[@]}"; do
    home=$WORK/$kind
    database=
    [ "$kind" = sqlite ] || database=$REFRENDA_POSTGRESQL
    check "$kind: a ceremony" authority_init "$home" "$database"
    check "$kind: the server starts" authority_start "$home"
    check "$kind: a client" authority_client "$home" registro
    touch "$WORK/.killing"
    killer &
    watch_lists &
    check "$kind: $KILL_ORDERS orders are acknowledged while processes die" "$BUILD/tests/load/registrar" --port "$API_PORT" \
        --host localhost --trust "$home/public/chain.pem" --certificate "$home/registro.pem" --key "$home/registro.key" \
        --agent "$home/agente.p12" --agent-password "$home/agente.password" --authority emisora-1 \
        --authority-certificate "$home/public/emisora-1.pem" --profile pe-natural-person \
        --attributes 'sn=PRUEBA {n},givenName=ANA,serialNumber=IDCPE-{n},cn=ANA PRUEBA {n}' --clients 16 \
        --count "$KILL_ORDERS" --revoke-each 4 --acknowledged "$WORK/$kind.acknowledged"
    cat "$LOG" >&2
    rm "$WORK/.killing"
    sleep 1.5
    printf '# %s processes were killed\n' "$(wc -c <"$WORK/.kills")"
    : >"$WORK/.kills"
    [ "$kind" = postgresql ] || database=sqlite:$home/data/refrenda.db

    sed -n 's/^issued \([0-9a-f]*\) .*/\1/p' "$WORK/$kind.acknowledged" >"$kind.issued"
    sed -n 's/^revoked \([0-9a-f]*\) .*/\1/p' "$WORK/$kind.acknowledged" >"$kind.revoked"
    if [ "$kind" = sqlite ]; then hex=hex; else hex="upper(encode"; fi
    hexed() { [ "$kind" = sqlite ] && echo "lower(hex($1))" || echo "encode($1, 'hex')"; }
    authority_sql "$database" "SELECT $(hexed serial) FROM certificate WHERE profile = 'pe-natural-person'" >"$kind.stored"
    authority_sql "$database" "SELECT $(hexed s.serial) FROM certificate_status s JOIN certificate c ON c.id = s.certificate \
        WHERE c.profile = 'pe-natural-person' AND s.state = 3" >"$kind.stored-revoked"
    check "$kind: every order has one certificate, and none is there beside them" same_lines "$kind.issued" "$kind.stored"
    check "$kind: exactly what was acknowledged as revoked is revoked" same_lines "$kind.revoked" "$kind.stored-revoked"
    check "$kind: no serial number twice" test "$(sort "$kind.stored" | uniq -d | wc -l)" = 0
    check "$kind: numbers of lists never go back" grows "$WORK/.numbers"
    rm -f "$WORK/.numbers"
    check "$kind: the audit is whole" "$REFRENDA" audit verify --home "$home"
    check "$kind: the log is whole" "$REFRENDA" log verify "$STATUS_URL" --key "$home/public/log.pem"
    check "$kind: the server stops" authority_stop
done

if [ -z "${REFRENDA_POSTGRESQL:-}" ]; then
    if have psql initdb || [ -d /usr/lib/postgresql ]; then
        check "the same on PostgreSQL" "$SOURCE/tests/support/postgresql-server" env WORK="$WORK/again" bash -c \
            'mkdir -p "$WORK" && cd "$WORK" && bash "$SOURCE/tests/scenario/33-killed-authority.sh"'
        grep -E "^(not )?ok|^#" "$LOG" | sed 's/^/# /'
    else
        skip "PostgreSQL is not installed"
    fi
fi
finish
