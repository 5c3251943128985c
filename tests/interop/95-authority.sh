#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# What src/pki/authority makes, judged by the openssl command: certificates of every profile, OCSP by POST and GET,
# time-stamps, lists of up to a million entries; and the faults of other authorities.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
AUTHORITY=$BUILD/tests/interop/authority
[ -x "$AUTHORITY" ] || skip_all "the build has no authority"

mkdir a
check "a hierarchy" "$AUTHORITY" init a
cd a || exit 99

# --- Certificates
for c in natural seal server time ocsp; do
    check "$c: openssl verify" openssl verify -x509_strict -CAfile root.pem -untrusted issuing.pem "$c.pem"
done
check "purpose: time-stamping" openssl verify -purpose timestampsign -CAfile root.pem -untrusted issuing.pem time.pem
check "purpose: OCSP" openssl verify -purpose ocsphelper -CAfile root.pem -untrusted issuing.pem ocsp.pem
for kind in "ec -pkeyopt ec_paramgen_curve:P-256" "ec -pkeyopt ec_paramgen_curve:P-384" rsa:2048 rsa:3072; do
    # shellcheck disable=SC2086 # the option and its parameter
    openssl req -new -newkey $kind -nodes -keyout new.key -subj "/CN=somebody else" -outform DER -out new.csr 2>/dev/null
    "$AUTHORITY" issue . <new.csr >new.der
    openssl x509 -inform DER -in new.der -out new.pem
    check "$kind: issued from PKCS #10" openssl verify -x509_strict -CAfile root.pem -untrusted issuing.pem new.pem
    check "$kind: the key is the request's" cmp <(openssl x509 -in new.pem -noout -pubkey) <(openssl pkey -in new.key -pubout)
    check_says "ANA" "$kind: the name is the record's" openssl x509 -in new.pem -noout -subject
done
issue() { "$AUTHORITY" issue . <"$1"; }
openssl req -new -newkey rsa:1024 -nodes -keyout weak.key -subj /CN=x -outform DER -out weak.csr 2>/dev/null
check_status 1 "RSA of 1024 bits is refused" issue weak.csr
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:secp256k1 -nodes -keyout k1.key -subj /CN=x -outform DER -out k1.csr 2>/dev/null
check_status 1 "another curve is refused" issue k1.csr
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit -nodes -keyout e.key -subj /CN=x -outform DER -out e.csr 2>/dev/null
check_status 1 "a curve written out is refused" issue e.csr
sed 's/somebody/somebodY/' new.csr >forged.csr
check_status 1 "no proof of possession" issue forged.csr

# --- OCSP
cat >respond <<'RESPOND'
#!/bin/sh
"$AUTHORITY" ocsp . <request >response
RESPOND
chmod +x respond
export AUTHORITY
ask() { openssl ocsp -reqout request "$@" && ./respond; }
judge() { openssl ocsp -respin response -CAfile root.pem -verify_other issuing.pem "$@"; }
for digest in sha1 sha256 sha384 sha512; do
    ask "-$digest" -issuer issuing.pem -cert natural.pem >/dev/null 2>&1
    check_says "natural.pem: good" "$digest: good" judge "-$digest" -reqin request -no_nonce -issuer issuing.pem -cert natural.pem
    check_log "Response verify OK" "$digest: verified by the delegate in it"
done
ask -sha256 -issuer issuing.pem -cert seal.pem -cert natural.pem -cert server.pem >/dev/null 2>&1
check_says "seal.pem: revoked" "several: revoked" judge -no_nonce -sha256 -issuer issuing.pem -cert seal.pem
check_log "Reason: superseded" "with its reason"
check_says "server.pem: unknown" "several: never issued is unknown" judge -no_nonce -sha256 -issuer issuing.pem -cert server.pem
ask -issuer root.pem -cert issuing.pem >/dev/null 2>&1
check_says "unauthorized" "another issuer is not answered" judge -issuer root.pem -cert issuing.pem
for bytes in "" "x" "0\\000"; do
    printf '%b' "$bytes" >request
    ./respond
    check_says "malformedrequest" "malformed: '$bytes'" judge -issuer issuing.pem -cert natural.pem
done
ask -issuer issuing.pem -cert natural.pem -no_nonce >/dev/null 2>&1
encoded=$(base64 -w0 request)
for path in "/$encoded" "//$encoded" "/${encoded%%=*}" "/$(printf %s "$encoded" | sed 's/+/%2B/g; s,/,%2F,g; s/=/%3D/g')"; do
    "$AUTHORITY" path . "$path" >response
    check_says "natural.pem: good" "GET ${path:0:24}" judge -no_nonce -issuer issuing.pem -cert natural.pem
done
check_status 1 "GET of nothing" "$AUTHORITY" path . /

# --- Time-stamps
echo "some text" >data
stamp() { "$AUTHORITY" stamp . <query >token; }
for digest in sha256 sha384 sha512; do
    openssl ts -query -data data "-$digest" -cert -out query 2>/dev/null
    stamp
    check_says "Verification: OK" "$digest: openssl ts -verify" openssl ts -verify -queryfile query -in token -CAfile root.pem -untrusted issuing.pem
done
openssl ts -query -data data -sha256 -no_nonce -out query 2>/dev/null
stamp
cat issuing.pem time.pem >chain.pem
check_says "Verification: OK" "no certificate, no nonce" openssl ts -verify -queryfile query -in token -CAfile root.pem -untrusted chain.pem
openssl ts -query -data data -sha1 -out query 2>/dev/null
stamp
check_says "unrecognized or unsupported algorithm" "SHA-1 is refused" openssl ts -reply -in token -text
openssl ts -query -data data -sha256 -tspolicy 1.2.3 -out query 2>/dev/null
stamp
check_says "the requested TSA policy is not supported" "another policy is refused" openssl ts -reply -in token -text
printf '0\005' >query
stamp
check_says "wrong format" "half a request is refused" openssl ts -reply -in token -text

# --- Lists
list() { "$AUTHORITY" crl . "$1" >list.der && openssl crl -inform DER -in list.der -out list.pem; }
cat root.pem issuing.pem >both.pem
for count in 0 1 1000; do
    check "a list of $count and one" list "$count"
    check_says "verify OK" "openssl crl" openssl crl -in list.pem -noout -CAfile both.pem
done
check_says "Issuing Distribution Point: critical" "its issuing point is critical" openssl crl -in list.pem -noout -text
check_says "certificate revoked" "openssl verify -crl_check" openssl verify -crl_check -CAfile root.pem -untrusted issuing.pem -CRLfile list.pem -extended_crl seal.pem
check "a million entries" list 1000000
check_says "verify OK" "openssl crl reads a million" openssl crl -in list.pem -noout -CAfile both.pem
cd "$WORK" || exit 99
finish
