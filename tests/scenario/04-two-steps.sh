#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Prepare, sign with openssl as the key that is elsewhere, embed.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

demo_pki
"$SOURCE/scripts/demo-document.py" in.pdf

digest_to_sign() { python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read().split(": ")[1]))'; }
prepare() { "$REFRENDA" sign --prepare in.pdf -o "$1.prepared.pdf" --cert "$2" --session "$1.json" "${@:3}" | digest_to_sign >"$1.digest"; }
embed() { "$REFRENDA" sign --embed "$1.prepared.pdf" -o "$1.pdf" --session "$1.json" --signature "$1.sig" "${@:2}"; }

cat "$PKI/signer.pem" "$PKI/issuing.pem" >rsa-chain.pem
cat "$PKI/signer-p256.pem" "$PKI/issuing.pem" >p256-chain.pem
check "prepare for an RSA key" prepare rsa rsa-chain.pem
check "the digest is a SHA-256" test "$(stat -c %s rsa.digest)" = 32
check "openssl signs it" openssl pkeyutl -sign -inkey "$PKI/signer.key" -pkeyopt digest:sha256 -in rsa.digest -out rsa.sig
check "embed" embed rsa
check "the result verifies" "$REFRENDA" verify rsa.pdf --trust "$PKI/root.pem"
check "prepare for a P-256 key" prepare p256 p256-chain.pem --level B-LTA --tsa "$URL/tsa"
check "openssl signs it" openssl pkeyutl -sign -inkey "$PKI/signer-p256.key" -in p256.digest -out p256.sig
check "embed at B-LTA" embed p256 --level B-LTA --tsa "$URL/tsa" --trust "$PKI/root.pem"
check "the result verifies off line" "$REFRENDA" verify p256.pdf --trust "$PKI/root.pem" --offline

mkdir again
check_status 5 "a session that exists is not replaced" "$REFRENDA" sign --prepare in.pdf -o again/in.pdf --cert rsa-chain.pem --session rsa.json
check_status 64 "a session in place of the document" "$REFRENDA" sign --prepare in.pdf -o again/in.pdf --cert rsa-chain.pem --session again/in.pdf -f
check "neither leaves a prepared document" test ! -e again/in.pdf
embed_json() { embed rsa --json -f | python3 -c 'import json, sys; print(json.load(sys.stdin)["result"])'; }
check_says "ok" "embed answers in JSON" embed_json

cp rsa.sig good.sig
printf '\1' | dd of=rsa.sig bs=1 seek=10 conv=notrunc 2>/dev/null
rm -f rsa.pdf
check_status 2 "a wrong signature is not embedded" embed rsa
check "and nothing is written" test ! -e rsa.pdf
cp good.sig rsa.sig
printf 'x' | dd of=rsa.prepared.pdf bs=1 seek=300 conv=notrunc 2>/dev/null
check "a prepared file that was altered is refused" bash -c '! "$REFRENDA" sign --embed rsa.prepared.pdf -o rsa.pdf --session rsa.json --signature rsa.sig'
finish
