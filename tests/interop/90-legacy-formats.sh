#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Formats from before PAdES, made by openssl: understood, doubted for SHA-1 alone, rejected when a byte was changed. pdfsig
# says the same of those that it knows.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
have openssl || skip_all "openssl"

demo_pki
mkdir -p d
python3 "$SOURCE/tests/interop/forgeries.py" documents d
check "documents are signed" python3 "$SOURCE/tests/interop/legacy_formats.py" d/plain.pdf d \
    "$PKI/signer.key" "$PKI/signer.pem" "$PKI/chain.pem"

judged() { # FILE STATUS INTACT INDICATION SUB
    local status=0
    "$REFRENDA" verify "$1" --trust "$PKI/root.pem" --json >verdict.json || status=$?
    [ "$status" = "$2" ] && python3 - "${@:3}" <<'PY'
import json, sys
s = json.load(open("verdict.json"))["files"][0]["signatures"][0]
found = [str(s["intact"]), s["indication"], s["sub_indication"] or "-"]
assert found == sys.argv[1:] and not s["baseline"], s
PY
}
WEAK="INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
check "bare RSA by SHA-1 is intact, and doubted for SHA-1" judged d/rsa-sha1.pdf 2 True $WEAK
check "bare RSA by SHA-256 passes" judged d/rsa-sha256.pdf 0 True TOTAL-PASSED -
check "a SHA-1 inside is intact, and doubted for SHA-1" judged d/inside-sha1.pdf 2 True $WEAK
check "a detached CMS without PAdES attributes passes" judged d/detached.pdf 0 True TOTAL-PASSED -
for name in rsa-sha1 rsa-sha256; do
    check "$name changed fails" judged d/$name-changed.pdf 1 False TOTAL-FAILED SIG_CRYPTO_FAILURE
done
for name in inside-sha1 detached; do
    check "$name changed fails" judged d/$name-changed.pdf 1 False TOTAL-FAILED HASH_FAILURE
done

if have pdfsig; then
    for name in inside-sha1 detached; do
        check_says "Signature is Valid." "pdfsig: $name" pdfsig -nocert d/$name.pdf
        check_says "Digest Mismatch." "pdfsig: $name changed" pdfsig -nocert d/$name-changed.pdf
    done
else
    skip "pdfsig"
fi

# A later signature of ours and a document time stamp leave the old one as it is.
check "signed again" "$REFRENDA" sign d/rsa-sha256.pdf -o d/again.pdf --quiet --p12 "$PKI/signer-p256.p12" \
    --pass-file "$PKI/password.txt" --level B-T --tsa "$URL/tsa"
check "both pass" "$REFRENDA" verify d/again.pdf --trust "$PKI/root.pem"
check "archived" "$REFRENDA" extend d/rsa-sha256.pdf -o d/archived.pdf --quiet --level B-LTA --tsa "$URL/tsa" --trust "$PKI/root.pem"
check "it passes" "$REFRENDA" verify d/archived.pdf --trust "$PKI/root.pem"
finish
