#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The public status services over HTTP, with the openssl command and curl as clients: OCSP, time-stamps, lists,
# certificates; what other responders get wrong; changes that must be told at once; signers that are killed.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE/tests/support/status.sh"
[ -x "$WORLD" ] || skip_all "the build has no status_world"
have openssl curl python3 || skip_all "openssl, curl and python3 are needed"

check "an authority with its services" world_make "$WORK/w"
world_run "$WORK/w"
cd "$WORK/w" || exit 99

ask() { openssl ocsp -CAfile ca.pem -issuer ca.pem -url "$SITE/ocsp" "$@"; }
judge() { openssl ocsp -CAfile ca.pem -issuer ca.pem -respin response "$@"; }
post() { # body [curl's arguments], TYPE may be set: the answer goes to `response`, what curl says of it to stdout
    local body=$1
    shift
    curl -s -o response -w '%{http_code} %{content_type} %{size_download}\n' \
        -H "Content-Type:${TYPE- application/ocsp-request}" --data-binary "@$body" "$@" "$SITE/ocsp"
}
forge() { python3 "$SOURCE/tests/interop/forge_ocsp.py" "$1" <honest >forged; }
header() { curl -s -o response -D - "$@" | tr -d '\r'; }
openssl ocsp -issuer ca.pem -cert good.pem -no_nonce -reqout honest >/dev/null 2>&1
openssl ocsp -issuer ca.pem -cert good.pem -cert never.pem -no_nonce -reqout honest-two >/dev/null 2>&1
encoded=$(base64 -w0 honest)
escaped=$(printf %s "$encoded" | sed 's/+/%2B/g; s,/,%2F,g; s/=/%3D/g')

# --- OCSP: what is asked every day
check "ready" curl -fs "$SITE/health/ready"
check "alive" curl -fs "$SITE/health/live"
for digest in sha1 sha256 sha384 sha512; do
    check_says "good.pem: good" "$digest, nonce: good" ask "-$digest" -cert good.pem
    check_log "Response verify OK" "$digest: verified by the delegate in it"
    check_says "good.pem: good" "$digest, no nonce: good" ask "-$digest" -cert good.pem -no_nonce
    check_says "good.pem: good" "$digest, no nonce, again: from memory" ask "-$digest" -cert good.pem -no_nonce
done
check_says "never.pem: unknown" "never issued is unknown" ask -cert never.pem -no_nonce
ask -cert good.pem -cert never.pem -cert held.pem >several 2>&1
check_says "good.pem: good" "several at once: good" cat several
check_log "never.pem: unknown" "several at once: unknown"
check_log "held.pem: good" "several at once: the third"
check_says "unauthorized" "another authority's certificate" openssl ocsp -CAfile ca.pem -issuer other.pem -cert foreign.pem -url "$SITE/ocsp"
openssl ocsp -issuer other.pem -cert foreign.pem -issuer ca.pem -cert good.pem -url "$SITE/ocsp" -CAfile ca.pem >mixed 2>&1
check_says "foreign.pem: unknown" "mixed with ours: unknown" cat mixed
check_log "good.pem: good" "mixed with ours: ours is answered"

# --- GET
for path in "$encoded" "/$encoded" "${encoded%%=*}" "$escaped" "//$escaped"; do
    check "GET ${path:0:20}..." curl -fs -o response "$SITE/ocsp/$path"
    check_says "good.pem: good" "  is answered" judge -no_nonce -cert good.pem
done
i=0 # '+' stays '+': a certID whose base64 has one
while ! printf %s "${plus:-}" | grep -q + && [ $i -lt 64 ]; do
    i=$((i + 1))
    plus=$(openssl ocsp -sha256 -issuer ca.pem -serial $((i * 7919 + 62)) -no_nonce -reqout - 2>/dev/null | base64 -w0)
done
curl -s -o response "$SITE/ocsp/$plus"
check_says "unknown" "GET with '+' is read as '+'" openssl ocsp -CAfile ca.pem -issuer ca.pem -sha256 -respin response -no_nonce -serial $((i * 7919 + 62))
header "$SITE/ocsp/$escaped" >headers
check_says "Content-Type: application/ocsp-response" "GET: type" cat headers
check_log "public, no-transform, must-revalidate" "GET: Cache-Control"
check_log "Last-Modified: " "GET: Last-Modified"
check_log "Expires: " "GET: Expires"
etag=$(sed -n 's/^ETag: //p' headers)
age=$(sed -n 's/^Cache-Control: max-age=\([0-9]*\).*/\1/p' headers)
check "GET: max-age ends before nextUpdate" test "$age" -gt 0 -a "$age" -lt 86400
check_says " 304 " "GET: If-None-Match" header -H "If-None-Match: $etag" "$SITE/ocsp/$escaped"
check_says " 304 " "GET: If-Modified-Since" header -H "If-Modified-Since: $(sed -n 's/^Last-Modified: //p' headers)" "$SITE/ocsp/$escaped"
check_says " 200 " "GET: another ETag" header -H 'If-None-Match: "x"' "$SITE/ocsp/$escaped"
check_says "Content-Length: $(wc -c <response)" "HEAD has the length" header -I "$SITE/ocsp/$escaped"
never_request=$(openssl ocsp -issuer ca.pem -cert never.pem -no_nonce -reqout - 2>/dev/null | base64 -w0 | sed 's/+/%2B/g; s,/,%2F,g; s/=/%3D/g')
header "$SITE/ocsp/$never_request" >headers
age=$(sed -n 's/^Cache-Control: max-age=\([0-9]*\).*/\1/p' headers)
check "unknown is not kept for long: $age seconds" test "$age" -gt 0 -a "$age" -lt 300
nonce_request=$(openssl ocsp -issuer ca.pem -cert good.pem -reqout - 2>/dev/null | base64 -w0 | sed 's/+/%2B/g; s,/,%2F,g; s/=/%3D/g')
check_says "no-store" "GET with nonce is not for caches" header "$SITE/ocsp/$nonce_request"

# --- OCSP: nonces (RFC 9654)
for size in 1 16 32 128; do
    forge "nonce=$size"
    post forged >/dev/null
    check_says "good.pem: good" "nonce of $size octets" judge -reqin forged -no_nonce -cert good.pem
    check_log "Response verify OK" "  comes back"
done
for what in nonce=0 nonce=129 nonce=1000 two-nonces; do
    forge "$what"
    check_says "200 application/ocsp-response 5" "$what: answered in the protocol" post forged
    check_says "malformedrequest" "$what: malformed" judge -cert good.pem
done
forge raw-nonce=20
post forged >/dev/null
check_says "good.pem: good" "a nonce without its OCTET STRING is taken" judge -no_nonce -cert good.pem

# --- OCSP: what is wrong
for what in critical critical-single version=1 trailing truncated many=33; do
    forge "$what"
    check_says "200 application/ocsp-response 5" "$what: answered in the protocol" post forged
    check_says "malformedrequest" "$what: malformed" judge -cert good.pem
done
for what in plain-unknown signed twice many=32; do
    forge "$what"
    post forged >/dev/null
    check_says "good.pem: good" "$what: answered" judge -no_nonce -cert good.pem
done
: >empty
head -c 70000 /dev/zero >large
head -c 200000 /dev/zero >huge
for body in empty large; do
    check_says "200 application/ocsp-response 5" "$body body: answered in the protocol" post "$body"
    check_says "malformedrequest" "$body body: malformed" judge -cert good.pem
done
check_says "413" "a huge body is not read" post huge
TYPE=" text/plain" check_says "200 application/ocsp-response 5" "another content type" post honest
check_says "malformedrequest" "another content type: malformed" judge -cert good.pem
TYPE=" Application/OCSP-Request; charset=binary" check_says "200 application/ocsp-response" "a parameter of the content type" post honest
check_says "good.pem: good" "a parameter of the content type is passed over" judge -no_nonce -cert good.pem
TYPE="" check_says "200 application/ocsp-response" "no content type" post honest
check_says "good.pem: good" "no content type is taken" judge -no_nonce -cert good.pem
check_says "200 application/ocsp-response" "chunked body" post honest -H 'Transfer-Encoding: chunked'
check_says "good.pem: good" "chunked body is read" judge -no_nonce -cert good.pem
check_says "no-store" "errors are not for caches" header -H 'Content-Type: application/ocsp-request' --data-binary @empty "$SITE/ocsp"
for path in "%%%" "AAAA" "%2e" "MEww" "$(printf 'M%.0s' $(seq 6000))"; do
    status=$(curl -s -o response -w '%{http_code}' "$SITE/ocsp/$path")
    check "GET of ${path:0:10} is refused, not a fault of ours ($status)" test "$status" = 200 -o "$status" = 400 -o "$status" = 404
done
check_says "405" "PUT" curl -s -o response -w '%{http_code}' -X PUT --data-binary @honest "$SITE/ocsp"
check_says "405" "GET without a request" curl -s -o response -w '%{http_code}' "$SITE/ocsp"
python3 - "$PORT" <<'PROBE' # connect and close, half a request and close: for openssl ocsp the end
import socket, sys
for i in range(300):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    if i % 3 == 1: s.sendall(b"POST /ocsp HTTP/1.1\r\nHost: x\r\nContent-Type: application/ocsp-request\r\nContent-Length: 100\r\n\r\n0")
    if i % 3 == 2: s.sendall(b"\x00\x01\x02")
    s.close()
PROBE
check_says "good.pem: good" "served on after connections that came to nothing" ask -cert good.pem

# --- Changes are told before whoever makes them hears that they are made
for turn in 1 2 3; do
    ask -cert held.pem -no_nonce >/dev/null 2>&1
    check "hold, turn $turn" "$WORLD" hold "$WORK/w" held.pem
    check_says "held.pem: revoked" "at once, from no memory" ask -cert held.pem -no_nonce
    check_log "Reason: certificateHold" "with its reason"
    check "release, turn $turn" "$WORLD" release "$WORK/w" held.pem
    check_says "held.pem: good" "at once, from no memory" ask -cert held.pem -no_nonce
done
for digest in sha1 sha256; do ask "-$digest" -cert revoked.pem -no_nonce >/dev/null 2>&1; done
check "revoke" "$WORLD" revoke "$WORK/w" revoked.pem 4
for digest in sha1 sha256; do
    check_says "revoked.pem: revoked" "revoked at once ($digest)" ask "-$digest" -cert revoked.pem -no_nonce
    check_log "Reason: superseded" "with its reason ($digest)"
done

openssl ocsp -issuer ca.pem -cert held.pem -no_nonce -reqout asked >/dev/null 2>&1
cat >crowd.py <<'CROWD' # asks all the time, so that there always are flights and answers in memory
import http.client, sys, threading
body = open("asked", "rb").read()
def ask():
    c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
    while True:
        c.request("POST", "/ocsp", body, {"Content-Type": "application/ocsp-request"})
        c.getresponse().read()
for i in range(8): threading.Thread(target=ask, daemon=True).start()
threading.Event().wait(900)
CROWD
python3 crowd.py "$PORT" 2>/dev/null &
CROWD=$!
toggle() {
    for _ in $(seq 10); do
        "$WORLD" hold "$WORK/w" held.pem && ask -cert held.pem -no_nonce 2>&1 | grep "held.pem: revoked" || return 1
        "$WORLD" release "$WORK/w" held.pem && ask -cert held.pem -no_nonce 2>&1 | grep "held.pem: good" || return 1
    done
}
check "twenty changes, each told at once, while a crowd asks" toggle
kill "$CROWD"

# --- Time-stamps
echo "some text" >data
stamp() { # query [curl's arguments]
    local query=$1
    shift
    curl -s -o token -w '%{http_code} %{content_type}\n' -H "Content-Type: ${TYPE:-application/timestamp-query}" --data-binary "@$query" "$@" "$SITE/tsa"
}
for digest in sha256 sha384 sha512; do
    openssl ts -query -data data "-$digest" -cert -out query 2>/dev/null
    check_says "200 application/timestamp-reply" "$digest: answered" stamp query
    check_says "Verification: OK" "$digest: openssl ts -verify" openssl ts -verify -queryfile query -in token -CAfile ca.pem
done
check "ESSCertIDv2 (RFC 5816)" sh -c 'openssl ts -reply -in token -token_out | openssl asn1parse -inform DER | grep -q "id-smime-aa-signingCertificateV2"'
openssl ts -query -data data -sha256 -no_nonce -out query 2>/dev/null
stamp query >/dev/null
check_says "Verification: OK" "no nonce, no certificate" openssl ts -verify -queryfile query -in token -CAfile ca.pem -untrusted tsa.pem
check_status 1 "  and no certificate is in it" sh -c 'openssl ts -reply -in token -token_out | openssl pkcs7 -inform DER -print_certs | grep -q BEGIN'
TYPE="application/timestamp-query; charset=utf-8" check_says "200 application/timestamp-reply" "a parameter of the content type" stamp query
check_says "Granted" "  is passed over" openssl ts -reply -in token -text
check_says "200 application/timestamp-reply" "chunked body" stamp query -H 'Transfer-Encoding: chunked'
check_says "Granted" "chunked body is read" openssl ts -reply -in token -text
refused() { # words name
    check_says "200 application/timestamp-reply" "$2: answered in the protocol" stamp query
    check_says "$1" "$2: why" openssl ts -reply -in token -text
}
openssl ts -query -data data -sha1 -out query 2>/dev/null
refused "unrecognized or unsupported algorithm" "SHA-1"
openssl ts -query -data data -md5 -out query 2>/dev/null
refused "unrecognized or unsupported algorithm" "MD5"
openssl ts -query -data data -sha256 -tspolicy 1.2.3 -out query 2>/dev/null
refused "the requested TSA policy is not supported" "another policy"
openssl ts -query -data data -sha256 -tspolicy 2.999.604.9 -out query 2>/dev/null
refused "Granted" "our own policy"
openssl ts -query -data data -sha256 -out whole 2>/dev/null
head -c 20 whole >query
refused "wrong format" "half a request"
: >query
refused "wrong format" "an empty body"
head -c 20000 /dev/zero >query
refused "wrong format" "a request that is too long"
cp whole query
TYPE=text/plain check_says "200 application/timestamp-reply" "another content type" stamp query
check_says "wrong format" "another content type: why" openssl ts -reply -in token -text
python3 - whole >query <<'FORGE' # version 2, and an extension
import sys
d = bytearray(open(sys.argv[1], "rb").read())
d[4] = 2
sys.stdout.buffer.write(d)
FORGE
refused "not permitted or supported" "another version"
python3 - whole >query <<'FORGE'
import sys
d = bytearray(open(sys.argv[1], "rb").read())
e = bytes.fromhex("a00b3009") + bytes.fromhex("3007") + bytes.fromhex("06032a0304") + bytes.fromhex("0400")
d += e
d[1] += len(e)
sys.stdout.buffer.write(d)
FORGE
refused "extension is not supported" "an extension"
check_says "405" "GET" curl -s -o response -w '%{http_code}' "$SITE/tsa"
serial_of() { openssl ts -reply -in token -text 2>/dev/null | sed -n 's/^Serial number: //p'; }
cp whole query
for _ in $(seq 40); do
    stamp query >/dev/null
    serial_of
done >serials
check "forty tokens, forty serial numbers" test "$(sort -u serials | wc -l)" = 40
check "every token is in the log" test "$(grep -c ' time-stamp: ' log)" -ge 40

# --- Lists
check "a list is made" "$WORLD" list "$WORK/w" 7 5
header "$SITE/crl/lista-0.crl" >headers
check_says "Content-Type: application/pkix-crl" "CRL: type" cat headers
check "CRL: max-age reaches nextUpdate" test "$(sed -n 's/^Cache-Control: .*max-age=\([0-9]*\).*/\1/p' headers)" -gt 80000
check_says "verify OK" "openssl crl" openssl crl -inform DER -in response -noout -CAfile ca.pem
check "the same by the authority's name" curl -fs -o named "$SITE/crl/emisora-1.crl"
check "  it is the same" cmp named response
etag=$(sed -n 's/^ETag: //p' headers)
check_says " 304 " "CRL: If-None-Match" header -H "If-None-Match: $etag" "$SITE/crl/lista-0.crl"
check_says " 304 " "CRL: If-Modified-Since" header -H "If-Modified-Since: $(sed -n 's/^Last-Modified: //p' headers)" "$SITE/crl/lista-0.crl"
check_status 1 "CRL: not compressed" sh -c "curl -s -o /dev/null -D - -H 'Accept-Encoding: gzip' '$SITE/crl/lista-0.crl' | grep -qi content-encoding"
check "a newer list is made" "$WORLD" list "$WORK/w" 8 6
newer() { header -H "If-None-Match: $etag" "$SITE/crl/lista-0.crl" | tee newer | grep " 200 "; }
check "the newer one comes" eventually newer
check_says "0x08" "  with its number" openssl crl -inform DER -in response -noout -crlnumber
for name in lista-1.crl lista-4.crl lista-0-cambios.crl emisora-1-3.crl emisora-9.crl .crl nothing; do
    check_says "404" "no such list: $name" curl -s -o response -w '%{http_code}' "$SITE/crl/$name"
done

# --- Certificates
check_says "Content-Type: application/pkix-cert" ".cer: type" header "$SITE/ca/emisora-1.cer"
check ".cer: it is the authority's" cmp <(openssl x509 -in ca.pem -outform DER) response
check_says "application/pkcs7-mime" ".p7c: type" header "$SITE/ca/emisora-1.p7c"
check_says "Emisora de prueba" ".p7c: openssl pkcs7" openssl pkcs7 -inform DER -in response -print_certs
check_says "404" "no such authority" curl -s -o response -w '%{http_code}' "$SITE/ca/emisora-2.cer"

# --- Signers that are gone
ask -cert good.pem -no_nonce >/dev/null 2>&1
kill -STOP "$WORLD_PID" # nobody brings new ones
kill -KILL "$(cat signer-0.pid)" "$(cat signer-1.pid)"
unready() { [ "$(curl -s -m 60 -o /dev/null -w '%{http_code}' "$SITE/health/ready")" = 503 ]; }
check "without signers: it is known" eventually unready
check_says "good.pem: good" "without signers: what is in memory goes on" ask -cert good.pem -no_nonce
forge nonce=32
check_says "503 application/ocsp-response 5" "without signers: 503" post forged
check_says "trylater" "without signers: tryLater" judge -cert good.pem
check_says "Retry-After: " "without signers: Retry-After" header -H 'Content-Type: application/ocsp-request' --data-binary @forged "$SITE/ocsp"
cp whole query
refused "system failure" "without signers: time-stamps"
check_says "503" "without signers: not ready" curl -s -o response -w '%{http_code}' "$SITE/health/ready"
kill -CONT "$WORLD_PID"
eventually world_is_ready "$WORK/w" >/dev/null
check_says "good.pem: good" "new signers: answers are signed again" ask -cert good.pem
cp whole query
for _ in $(seq 10); do
    stamp query >/dev/null
    serial_of
done >>serials
check "serial numbers are new after signers were killed" test "$(sort -u serials | wc -l)" = 50

# --- By setting: what was never issued is revoked
world_stop
WORLD_EXTENDED_REVOKE=1 world_run "$WORK/w"
check_says "never.pem: revoked" "extended revoke: never issued is revoked" ask -cert never.pem
check_log "Revocation Time: Jan  1 00:00:00 1970 GMT" "extended revoke: since 1970"
check_log "Reason: certificateHold" "extended revoke: certificateHold"
check_says "good.pem: good" "extended revoke: others are as they were" ask -cert good.pem
world_stop

# --- A clock that is not to be trusted
WORLD_CLOCK=adjtimex WORLD_HEALTH=live world_run "$WORK/w"
if python3 -c 'import ctypes,sys; b=ctypes.create_string_buffer(256); sys.exit(ctypes.CDLL(None).adjtimex(b)!=5)'; then
    cp whole query
    it_is_told() { stamp query >stamped && openssl ts -reply -in token -text >reply.txt 2>&1 && grep -q "time source is not available" reply.txt; }
    check "a clock that is not synchronised" eventually it_is_told
else
    skip "this machine's clock is synchronised"
fi
world_stop
cd "$WORK" || exit 99
finish
