#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Sign at every level, verify, sign again, endorse, certify, time-stamp, extend: through the command, as a person does.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

demo_pki
"$SOURCE/scripts/demo-document.py" in.pdf
KEY=(--p12 "$PKI/signer.p12" --pass-file "$PKI/password.txt")
TRUST=(--trust "$PKI/root.pem")
openssl x509 -in "$PKI/root.pem" -out anchor-alone.pem # root.pem holds the CRLs too

starts_with() { cmp -n "$(stat -c %s "$1")" "$1" "$2"; }
level_of() { "$REFRENDA" verify "$1" "${TRUST[@]}" --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["files"][0]["signatures"][0]["level"])'; }

for level in B-B B-T B-LT B-LTA; do
    check "sign at $level" "$REFRENDA" sign in.pdf -o "$level.pdf" "${KEY[@]}" --level "$level" --tsa "$URL/tsa" "${TRUST[@]}"
    check "$level begins with the input's bytes" starts_with in.pdf "$level.pdf"
    check "$level verifies" "$REFRENDA" verify "$level.pdf" "${TRUST[@]}"
    check_says "$level" "$level is what verify reports" level_of "$level.pdf"
    check "$level is clean for qpdf" qpdf --check "$level.pdf"
done
check "B-LT verifies without the network" "$REFRENDA" verify B-LT.pdf --trust anchor-alone.pem --offline
check "B-LTA verifies without the network" "$REFRENDA" verify B-LTA.pdf --trust anchor-alone.pem --offline
check_status 2 "B-B without revocation data is indeterminate off line" "$REFRENDA" verify B-B.pdf --trust anchor-alone.pem --offline
check "with the CRLs of root.pem it verifies off line" "$REFRENDA" verify B-B.pdf "${TRUST[@]}" --offline
check_status 2 "without an anchor nothing passes" "$REFRENDA" verify B-LTA.pdf --offline
check_status 3 "an unsigned document is told apart" "$REFRENDA" verify in.pdf "${TRUST[@]}"

check "a second signature" "$REFRENDA" sign B-B.pdf -o second.pdf --p12 "$PKI/signer-p256.p12" --pass-file "$PKI/password.txt"
check "both verify" "$REFRENDA" verify second.pdf "${TRUST[@]}"
check_says '"covers_whole_file": false' "the first no longer covers the whole file" "$REFRENDA" verify second.pdf "${TRUST[@]}" --json
check "endorse" "$REFRENDA" endorse second.pdf -o endorsed.pdf "${KEY[@]}"
check_says "visto bueno" "an endorsement is shown as one" "$REFRENDA" verify endorsed.pdf "${TRUST[@]}"
check "all three verify" "$REFRENDA" verify endorsed.pdf "${TRUST[@]}"
check "document time stamp" "$REFRENDA" timestamp endorsed.pdf -o stamped.pdf --tsa "$URL/tsa"
check "four verify" "$REFRENDA" verify stamped.pdf "${TRUST[@]}"
check "time stamp alone" "$REFRENDA" timestamp in.pdf -o only-stamp.pdf --tsa "$URL/tsa"
check "it verifies" "$REFRENDA" verify only-stamp.pdf "${TRUST[@]}"

check "extend B-B to B-LTA" "$REFRENDA" extend B-B.pdf -o extended.pdf --level B-LTA --tsa "$URL/tsa" "${TRUST[@]}"
check "the extended one verifies off line" "$REFRENDA" verify extended.pdf --trust anchor-alone.pem --offline
check "renew the archive time stamp" "$REFRENDA" extend extended.pdf -o renewed.pdf --level B-LTA --tsa "$URL/tsa" "${TRUST[@]}"
check "the renewed one verifies off line" "$REFRENDA" verify renewed.pdf --trust anchor-alone.pem --offline

for permission in 1 2 3; do
    check "certify with permission $permission" "$REFRENDA" sign in.pdf -o "certified-$permission.pdf" "${KEY[@]}" --certify "$permission"
    check "certification $permission verifies" "$REFRENDA" verify "certified-$permission.pdf" "${TRUST[@]}"
done
check_status 1 "nothing may be signed after a certification that forbids it" "$REFRENDA" sign certified-1.pdf -o no.pdf "${KEY[@]}"
check "no output is left" test ! -e no.pdf
check "signing after certification 2" "$REFRENDA" sign certified-2.pdf -o after-2.pdf "${KEY[@]}"
check "which verifies" "$REFRENDA" verify after-2.pdf "${TRUST[@]}"
check_status 1 "certifying comes first or not at all" "$REFRENDA" sign B-B.pdf -o no.pdf "${KEY[@]}" --certify 2

check "sign into a named field" "$REFRENDA" sign in.pdf -o named.pdf "${KEY[@]}" --field Dirección --reason "Conforme" --lock all
check_says "Dirección" "the field is listed" "$REFRENDA" fields named.pdf
check_status 1 "a signed field is not signed again" "$REFRENDA" sign named.pdf -o no.pdf "${KEY[@]}" --field Dirección
check_status 5 "an existing output is kept" "$REFRENDA" sign in.pdf -o named.pdf "${KEY[@]}"
check "unless told otherwise" "$REFRENDA" sign in.pdf -o named.pdf "${KEY[@]}" --force
check "output over the input" "$REFRENDA" sign named.pdf -o named.pdf "${KEY[@]}" --force
check "which verifies too" "$REFRENDA" verify named.pdf "${TRUST[@]}"

piped() { "$REFRENDA" sign - -o - "${KEY[@]}" <in.pdf >piped.pdf && "$REFRENDA" verify - "${TRUST[@]}" <piped.pdf; }
check "standard input to standard output" piped
finish
