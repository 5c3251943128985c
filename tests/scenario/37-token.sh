#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# An authority whose keys are on a PKCS#11 token, in a server: it issues, the token's helper is killed and comes back,
# keys of the built-in store do not notice.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

REFRENDAD=${REFRENDAD:-$BUILD/refrendad}
export REFRENDA_PACKS=$SOURCE/packs
[ -x "$REFRENDAD" ] || skip_all "no refrendad in this build"
have openssl curl python3 softhsm2-util || skip_all "no openssl, curl, python3 or SoftHSM"
MODULE=$(find /usr/lib -name libsofthsm2.so 2>/dev/null | head -1)
[ -n "$MODULE" ] || skip_all "no SoftHSM"

mkdir -p token/tokens
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$WORK/token/tokens" >token/softhsm2.conf
export SOFTHSM2_CONF=$WORK/token/softhsm2.conf
softhsm2-util --module "$MODULE" --init-token --free --label "the office" --pin 123456 --so-pin 87654321 >/dev/null
echo 123456 >pin
printf 'another secret\n' >new.password

read -r STATUS REGISTRATION METRICS < <(free_ports 3)
{
    sed "s/^    instance: 17/    token: hsm\n&/
         s/127\.0\.0\.1:8089/127.0.0.1:$STATUS/; s/127\.0\.0\.1:8090/127.0.0.1:$REGISTRATION/; s/127\.0\.0\.1:8091/127.0.0.1:$METRICS/" "$SOURCE/packs/plans/demo.yaml"
    printf 'tokens:\n  - {name: hsm, module: %s, token: the office, pin_file: %s}\n' "$MODULE" "$WORK/pin"
} >plan.yaml
check "an authority with its key on a token" "$REFRENDA" ca init --plan plan.yaml --home home --quiet

until_true() { # command...
    eventually "$@" && return 0
    tail -n 20 server.log
    return 1
}
is_well() { curl -sf -m 5 "http://127.0.0.1:$STATUS/health/ready" && [ "$(curl -s -m 5 "http://127.0.0.1:$METRICS/health/ready")" = ready ]; }
helper() { # its process
    local p
    for p in $(cat "/proc/$SERVER/task/$SERVER/children" 2>/dev/null); do
        tr '\0' ' ' <"/proc/$p/cmdline" 2>/dev/null | grep -q -- "--child token-hsm 0 " && echo "$p"
    done
}
helper_is_back() { [ -n "$(helper)" ] && [ "$(helper)" != "$1" ]; }
issue() { # name
    "$REFRENDA" ca issue --home home --profile pe-natural-person --attribute givenName=ANA \
        --attribute sn="QUISPE MAMANI" --attribute cn="ANA QUISPE MAMANI" --attribute "serialNumber=IDCPE-7000$RANDOM" \
        --new-key P-256 --new-pass-file new.password --p12 home/agente.p12 --pass-file home/agente.password -o "$1.p12" &&
        openssl pkcs12 -in "$1.p12" -passin file:new.password -nokeys -clcerts -out "$1.pem" &&
        openssl verify -x509_strict -CAfile home/public/raiz.pem -untrusted home/public/emisora-1.pem "$1.pem"
}

check "a certificate without a server" issue zero
"$REFRENDAD" --home home --log text >>server.log 2>&1 &
SERVER=$!
SERVERS+=("$SERVER")
check "the server becomes ready" until_true is_well
check "a certificate by the server" issue one
for i in 1 2 3; do
    old=$(helper)
    kill -9 "${old:-0}"
    check "killed helper $i comes back" until_true helper_is_back "$old"
    check "and certificates are issued again" until_true issue "again-$i"
done
check "all is well" until_true is_well
kill -STOP "$(helper)"
check_status 2 "a token that does not answer is told" issue stuck
kill -CONT "$(helper)"
check "and works when it does" until_true issue two
check "the list is signed by the token's key" bash -c "curl -sf http://127.0.0.1:$STATUS/crl/emisora-1.crl | openssl crl -inform DER -noout -CAfile home/public/chain.pem"
kill "$SERVER"
check "the server ends cleanly" wait "$SERVER"
finish
