#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Tokens through p11-kit, played by SoftHSM: RSA, P-256, P-384; right and wrong PIN; ambiguous and absent keys.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
have softhsm2-util pkcs11-tool || skip_all "softhsm2 and opensc are needed"

PKI=$WORK/pki
mkdir pki
serve_pki "$PKI"
python3 "$SOURCE/tests/support/make_pki.py" "$PKI" --port "${URL##*:}" --force >/dev/null 2>&1
"$SOURCE/scripts/demo-document.py" in.pdf
eval "$("$SOURCE/tests/support/softhsm-token" token rsa="$PKI/rsa2048.key,$PKI/rsa2048.pem,$PKI/issuing.pem" p256="$PKI/p256.key,$PKI/p256.pem" p384="$PKI/p384.key,$PKI/p384.pem")"
export SOFTHSM2_CONF
printf '%s\n' "$PKCS11_PIN" >pin.txt
echo 000000 >wrong.txt
MODULE="module-path=$PKCS11_MODULE"

for key in rsa p256 p384; do
    uri="${PKCS11_TOKEN};object=$key?$MODULE"
    check "$key: sign" "$REFRENDA" sign in.pdf -o "$key.pdf" --pkcs11 "$uri" --pin-file pin.txt --chain "$PKI/chain.pem"
    check "$key: verify" "$REFRENDA" verify "$key.pdf" --trust "$PKI/root.pem"
done
check_status 2 "wrong PIN" "$REFRENDA" sign in.pdf -o no.pdf --pkcs11 "${PKCS11_TOKEN};object=rsa?$MODULE" --pin-file wrong.txt
check_log "PIN is wrong" "is called so"
check "no output" test ! -e no.pdf
check_status 2 "several keys match" "$REFRENDA" sign in.pdf -o no.pdf --pkcs11 "${PKCS11_TOKEN}?$MODULE" --pin-file pin.txt
check_status 2 "no key matches" "$REFRENDA" sign in.pdf -o no.pdf --pkcs11 "${PKCS11_TOKEN};object=nobody?$MODULE" --pin-file pin.txt
check_status 2 "no such token" "$REFRENDA" sign in.pdf -o no.pdf --pkcs11 "pkcs11:token=absent?$MODULE" --pin-file pin.txt
check_says "pkcs11:" "certs list" "$REFRENDA" certs list --pkcs11 "${PKCS11_TOKEN}?$MODULE" --pin-file pin.txt
for i in $(seq 12); do cp in.pdf "many-$i.pdf"; done
check "a batch with one PIN, four threads" "$REFRENDA" sign many-*.pdf --out-dir many --jobs 4 --pkcs11 "${PKCS11_TOKEN};object=p256?$MODULE" --pin-file pin.txt --chain "$PKI/chain.pem"
check "all verify" "$REFRENDA" verify many/*.pdf --trust "$PKI/root.pem" --quiet
finish
