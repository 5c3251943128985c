#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The power goes while certificates are issued and revoked: everything dies at once, and the disk has only what was synced
# (tests/load/power_cut.c says how that is played). What was acknowledged is there when the server starts again on that disk.
. "${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"
have python3 curl openssl || skip_all "python3, curl or openssl is missing"
[ -e "$BUILD/tests/load/power_cut.so" ] || skip_all "this build cannot be preloaded into"
: "${POWER_CUTS:=3}"
home=$WORK/authority

orders() { # first number; in the background only: what is killed is this
    exec timeout -k 5 300 "$BUILD/tests/load/registrar" --port "$API_PORT" --host localhost --trust "$home/public/chain.pem" --certificate "$home/registro.pem" \
        --key "$home/registro.key" --agent "$home/agente.p12" --agent-password "$home/agente.password" --authority emisora-1 \
        --authority-certificate "$home/public/emisora-1.pem" --profile pe-natural-person --first "$1" \
        --attributes 'sn=PRUEBA {n},givenName=ANA,serialNumber=IDCPE-{n},cn=ANA PRUEBA {n}' --clients 8 --count 2000 --pause 20 \
        --revoke-each 3 --acknowledged "$WORK/acknowledged"
}

# Every file as the disk has it: its second file, or nothing.
forget() {
    find "$home" -type f ! -name '*.durable' | while read -r file; do
        durable=${file%/*}/.${file##*/}.durable
        if [ -e "$durable" ]; then mv "$durable" "$file"; else rm "$file"; fi
    done
    find "$home" -name '*.durable' | while read -r durable; do # a name that is gone, but not for good
        file=${durable##*/.}
        mv "$durable" "${durable%/*}/${file%.durable}"
    done
}

# What was there before counts as synced.
remember() {
    find "$home" -type f ! -name '*.durable' | while read -r file; do cp -p "$file" "${file%/*}/.${file##*/}.durable"; done
}

start_forgetful() {
    LD_PRELOAD="$BUILD/tests/load/power_cut.so" authority_start "$home"
}

present() { # word, query: every acknowledged serial number is in the answer
    sed -n "s/^$1 \([0-9a-f]*\) .*/\1/p" "$WORK/acknowledged" | sort >"$1.acknowledged"
    authority_sql "sqlite:$home/data/refrenda.db" "$2" | sort >"$1.stored"
    test -s "$1.acknowledged" && test -z "$(comm -23 "$1.acknowledged" "$1.stored")"
}

check "a ceremony" authority_init "$home"
check "the server starts" authority_start "$home"
check "a client" authority_client "$home" registro
check "the server stops" authority_stop
revoked=0
touch "$WORK/acknowledged"
for cut in $(seq "$POWER_CUTS"); do
    remember
    check "cut $cut: the server starts on a disk that forgets" start_forgetful
    orders "$((cut * 20000))" >/dev/null 2>&1 &
    crowd=$!
    eventually eval '[ "$(grep -s -c "^revoked" "$WORK/acknowledged")" -ge $((revoked + 10)) ]'
    sleep 0.$((RANDOM % 10))
    mapfile -t children < <(pgrep -P "$AUTHORITY")
    kill -KILL "$AUTHORITY" "${children[@]}"
    kill "$crowd" 2>/dev/null
    wait "$AUTHORITY" "$crowd" 2>/dev/null
    revoked=$(grep -c '^revoked' "$WORK/acknowledged")
    forget
    check "cut $cut: every certificate that was acknowledged is there" present issued "SELECT lower(hex(serial)) FROM certificate"
    check "cut $cut: every revocation that was acknowledged is there" present revoked \
        "SELECT lower(hex(serial)) FROM certificate_status WHERE state = 3"
    printf '# %s certificates, %s revocations so far\n' "$(wc -l <issued.acknowledged)" "$(wc -l <revoked.acknowledged)"
done
check "the server starts again" authority_start "$home"
check "no process was ended by its sandbox" test "$(grep -c forbidden-call "$home.log")" = 0
check "the audit is whole" "$REFRENDA" audit verify --home "$home"
check "the log is whole" eventually "$REFRENDA" log verify "$STATUS_URL" --key "$home/public/log.pem"
check "nothing is twice" test -z "$(authority_sql "sqlite:$home/data/refrenda.db" "SELECT serial FROM certificate GROUP BY serial, authority HAVING count(*) > 1")"
check "and issues again" "$REFRENDA" ca issue --home "$home" --profile tls-client --attribute c=PE --attribute o=Entidad --attribute cn=otra \
    --new-key P-256 --new-pass-file "$home/agente.password" -o "$WORK/otra.p12"
check "the server stops" authority_stop
finish
