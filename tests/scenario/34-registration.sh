#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The registration API as a client in another language sees it: curl, approvals made by "openssl cms".
. "${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"
have python3 curl openssl || skip_all "python3, curl or openssl is missing"
home=$WORK/authority

api() { # client method path [curl options]: the status on the last line
    local client=$1 method=$2 path=$3
    shift 3
    local who=()
    [ "$client" = - ] || who=(--cert "$home/$client.pem" --key "$home/$client.key")
    curl -s --cacert "$home/public/chain.pem" "${who[@]}" -X "$method" -w '\n%{http_code}\n' "$@" "https://localhost:$API_PORT$path"
}

answers() { # status name command...: the HTTP status is this
    local wanted=$1 name=$2
    shift 2
    "$@" >"$LOG" 2>&1
    if [ "$(tail -n 1 "$LOG")" = "$wanted" ]; then report ok "$name"; else report not-ok "$name"; fi
}

# A request with a new key for a new person, approved by the agent: order.json
make_order() { # number
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -subj "/CN=nobody reads this" -out "$1.csr" 2>/dev/null &&
        "$REFRENDA" ca issue --home "$home" --profile pe-natural-person --attribute sn=PRUEBA --attribute givenName=ANA \
            --attribute "serialNumber=IDCPE-$1" --attribute "cn=ANA PRUEBA $1" --request "$1.csr" --write-approval "$1.txt" &&
        openssl cms -sign -binary -nodetach -in "$1.txt" -signer agente.pem -outform DER -out "$1.p7s" &&
        python3 - "$1" <<'END'
import base64, json, sys
n = sys.argv[1]
json.dump({"authority": "emisora-1", "csr": open(n + ".csr").read(),
           "approvals": [base64.b64encode(open(n + ".p7s", "rb").read()).decode()]}, open(n + ".json", "w"))
END
}

field() { python3 -c 'import json, sys; print(json.loads(open(sys.argv[1]).read().rsplit("\n", 2)[0])[sys.argv[2]])' "$LOG" "$1"; }

check "a ceremony" authority_init "$home"
check "the server starts" authority_start "$home"
check "a client" authority_client "$home" norte
check "another client" authority_client "$home" sur
openssl pkcs12 -in "$home/agente.p12" -passin "file:$home/agente.password" -nodes -out agente.pem 2>/dev/null
check "an order, approved by openssl cms" make_order 00000101
json=(-H 'Content-Type: application/json')

answers 401 "without a certificate there is nothing" api - GET /api/ca/v1/authorities
answers 200 "a client sees the authorities" api norte GET /api/ca/v1/authorities
check_log emisora-1 "by name"

answers 400 "an order without idempotency key" api norte POST /api/ca/v1/certificates "${json[@]}" --data-binary @00000101.json
check_log Idempotency-Key "is told so"
answers 415 "an order that is no JSON" api norte POST /api/ca/v1/certificates -H 'Idempotency-Key: orden-0001' -H 'Content-Type: text/plain' --data-binary @00000101.json
answers 400 "an order with a member that nobody knows" api norte POST /api/ca/v1/certificates -H 'Idempotency-Key: orden-0001' "${json[@]}" \
    --data-binary '{"authority":"emisora-1","csr":"x","approvals":["eA=="],"subject":"CN=eva"}'
answers 404 "an authority that is not there" api norte POST /api/ca/v1/certificates -H 'Idempotency-Key: orden-0001' "${json[@]}" \
    --data-binary "$(sed s/emisora-1/emisora-9/ 00000101.json)"

answers 201 "an approved order" api norte POST /api/ca/v1/certificates -H 'Idempotency-Key: orden-0001' "${json[@]}" --data-binary @00000101.json
serial=$(field serial)
field certificate >101.pem
check "gives a certificate that openssl accepts" openssl verify -CAfile "$home/public/raiz.pem" -untrusted "$home/public/emisora-1.pem" 101.pem
check_says "ANA PRUEBA 00000101" "of the approval's subject, not the request's" openssl x509 -in 101.pem -noout -subject
answers 200 "the same order again" api norte POST /api/ca/v1/certificates -H 'Idempotency-Key: orden-0001' "${json[@]}" --data-binary @00000101.json
check "gives the same certificate" test "$(field serial)" = "$serial"
check "another order" make_order 00000102
answers 409 "another order under the same key" api norte POST /api/ca/v1/certificates -H 'Idempotency-Key: orden-0001' "${json[@]}" --data-binary @00000102.json
answers 201 "an order that comes from ten at once" api norte POST /api/ca/v1/certificates -H 'Idempotency-Key: orden-0002' "${json[@]}" --data-binary @00000102.json
for i in $(seq 10); do
    api norte POST /api/ca/v1/certificates -H 'Idempotency-Key: orden-0002' "${json[@]}" --data-binary @00000102.json >"many.$i" &
done
wait $(jobs -p | grep -vx "$AUTHORITY")
check "is one certificate" test "$(cat many.* | grep -o '"serial":"[0-9a-f]*"' | sort -u | wc -l)" = 1

# An approval is for one key.
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key -subj /CN=x -out other.csr 2>/dev/null
python3 -c 'import json; o = json.load(open("00000101.json")); o["csr"] = open("other.csr").read(); json.dump(o, open("stolen.json", "w"))'
answers 409 "an approval with another key" api norte POST /api/ca/v1/certificates -H 'Idempotency-Key: orden-0003' "${json[@]}" --data-binary @stolen.json
check_log "approval" "is refused by name"

# Proof of possession: a request whose signature is wrong.
openssl req -in other.csr -outform DER -out other.der
python3 -c 'b = bytearray(open("other.der", "rb").read()); b[-1] ^= 1; open("broken.der", "wb").write(b)'
python3 -c 'import base64, json; o = json.load(open("00000101.json")); o["csr"] = base64.b64encode(open("broken.der", "rb").read()).decode(); json.dump(o, open("broken.json", "w"))'
answers 422 "a request without proof of possession" api norte POST /api/ca/v1/certificates -H 'Idempotency-Key: orden-0004' "${json[@]}" \
    --data-binary @broken.json
check_log possession "is refused by name"

answers 200 "a client sees its certificate" api norte GET "/api/ca/v1/certificates/$serial?authority=emisora-1"
check_log '"state":"valid"' "valid"
answers 404 "another client does not" api sur GET "/api/ca/v1/certificates/$serial?authority=emisora-1"
answers 404 "and cannot revoke it" api sur POST "/api/ca/v1/certificates/$serial/revocation" "${json[@]}" --data-binary '{"authority":"emisora-1","reason":"superseded"}'
answers 400 "a reason that is none" api norte POST "/api/ca/v1/certificates/$serial/revocation" "${json[@]}" --data-binary '{"authority":"emisora-1","reason":"certificateHold"}'
openssl ocsp -issuer "$home/public/emisora-1.pem" -cert 101.pem -url "$STATUS_URL/ocsp" -CAfile "$home/public/raiz.pem" -no_nonce >good.txt 2>&1
check "OCSP says good before" grep -q ': good' good.txt
answers 200 "a revocation" api norte POST "/api/ca/v1/certificates/$serial/revocation" "${json[@]}" --data-binary '{"authority":"emisora-1","reason":"keyCompromise","invalid_since":"2026-11-01T00:00:00Z"}'
check_log '"state":"revoked"' "is done"
openssl ocsp -issuer "$home/public/emisora-1.pem" -cert 101.pem -url "$STATUS_URL/ocsp" -CAfile "$home/public/raiz.pem" -no_nonce >revoked.txt 2>&1
check "OCSP says revoked at once" grep -q ': revoked' revoked.txt
answers 200 "and once more" api norte POST "/api/ca/v1/certificates/$serial/revocation" "${json[@]}" --data-binary '{"authority":"emisora-1","reason":"keyCompromise"}'

# The keeper dies: 503 with Retry-After, then everything goes on.
check "a third order" make_order 00000103
kill -STOP "$(authority_child keeper)"
api norte POST /api/ca/v1/certificates -H 'Idempotency-Key: orden-0005' "${json[@]}" --data-binary @00000103.json --max-time 120 -D head >"$LOG" 2>&1
check "without the keeper, 503" test "$(tail -n 1 "$LOG")" = 503
check "that says when to come again" grep -qi '^retry-after:' head
kill -CONT "$(authority_child keeper)"
gets_it() {
    api norte POST /api/ca/v1/certificates -H 'Idempotency-Key: orden-0005' "${json[@]}" --data-binary @00000103.json >answer 2>&1
    cat answer
    [[ $(tail -n 1 answer) = 20[01] ]]
}
check "the same order gets its certificate afterwards" eventually gets_it

check "the client is struck off" "$REFRENDA" ca unregister --home "$home" --yes client sur
answers 403 "and sees nothing any more" api sur GET /api/ca/v1/authorities
check "so is the one who ordered just now" "$REFRENDA" ca unregister --home "$home" --yes client norte
for i in 1 2; do
    answers 403 "and gets nothing any more ($i)" api norte POST /api/ca/v1/certificates -H 'Idempotency-Key: orden-0005' "${json[@]}" --data-binary @00000103.json
done
check "the audit is whole" "$REFRENDA" audit verify --home "$home"
check "the server stops" authority_stop
finish
