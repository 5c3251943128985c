#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Every kind of key at every level, judged by programs that nobody here wrote: pdfsig, openssl cms, openssl ts, qpdf, mutool.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
have pdfsig qpdf openssl certutil || skip_all "pdfsig, qpdf and openssl are needed"

PKI=$WORK/pki
mkdir pki nss
certutil -N -d sql:nss --empty-password
serve_pki "$PKI"
python3 "$SOURCE/tests/support/make_pki.py" "$PKI" --port "${URL##*:}" --force >/dev/null 2>&1
"$SOURCE/scripts/demo-document.py" in.pdf
cat "$PKI/root.pem" "$PKI/issuing.pem" >anchors.pem

pdfsig_valid() { pdfsig -nssdir sql:nss "$1" >pdfsig.txt 2>&1; grep -q "Signature Validation: Signature is Valid" pdfsig.txt && ! grep -qE "Signature Validation: (Signature is Invalid|Digest|Unknown)" pdfsig.txt; }
cms_valid() { openssl cms -verify -binary -inform DER -in "$1.cms" -content "$1.content" -CAfile anchors.pem -purpose any -out /dev/null; }
timestamp_valid() { openssl ts -verify -token_in -in "$1.cms" -data "$1.content" -CAfile "$PKI/root.pem" -untrusted "$PKI/issuing.pem"; }
# The signed attributes as they were signed (tag SET), and the signature, cut out by asn1parse offsets.
ed25519_valid() { python3 "$SOURCE/tests/support/signed_attributes.py" "$1.cms" attributes.der signature.bin && openssl pkey -in "$PKI/ed25519.key" -pubout -out ed25519.pub && openssl pkeyutl -verify -pubin -inkey ed25519.pub -rawin -in attributes.der -sigfile signature.bin; }

for key in rsa2048 rsa3072 rsa4096 rsa-pss p256 p384 p521 ed25519; do
    for level in B-B B-T B-LT B-LTA; do
        name=$key-$level
        check "$name: sign" "$REFRENDA" sign in.pdf -o "$name.pdf" --p12 "$PKI/$key.p12" --pass-file "$PKI/password.txt" --level "$level" --tsa "$URL/tsa" --trust "$PKI/root.pem"
        check "$name: verify" "$REFRENDA" verify "$name.pdf" --trust "$PKI/root.pem"
        check "$name: qpdf" qpdf --check "$name.pdf"
        python3 "$SOURCE/tests/support/extract_signatures.py" "$name.pdf" "$name" >/dev/null
        if [ "$key" = ed25519 ]; then
            check "$name: openssl pkeyutl" ed25519_valid "$name/0"
        else
            check "$name: openssl cms" cms_valid "$name/0"
            [ "$key" = rsa-pss ] || check "$name: pdfsig" pdfsig_valid "$name.pdf"
        fi
        [ "$level" = B-LTA ] && check "$name: openssl ts" timestamp_valid "$name/1"
    done
done
check "RSA key, PSS asked for" "$REFRENDA" sign in.pdf -o pss.pdf --p12 "$PKI/rsa2048.p12" --pass-file "$PKI/password.txt" --pss
python3 "$SOURCE/tests/support/extract_signatures.py" pss.pdf pss >/dev/null
check "PSS: openssl cms" cms_valid pss/0
for digest in sha256 sha384 sha512; do
    check "$digest: sign" "$REFRENDA" sign in.pdf -o "$digest.pdf" --p12 "$PKI/rsa2048.p12" --pass-file "$PKI/password.txt" --digest "$digest"
    check "$digest: pdfsig" pdfsig_valid "$digest.pdf"
done
for form in legacy nonascii; do
    pass=$PKI/password.txt
    [ "$form" = nonascii ] && pass=$PKI/password-nonascii.txt
    check "PKCS#12, $form" "$REFRENDA" sign in.pdf -o "$form.pdf" --p12 "$PKI/rsa2048-$form.p12" --pass-file "$pass"
done
check "PKCS#12 with RC2" "$REFRENDA" sign in.pdf -o rc2.pdf --p12 "$PKI/signer-rc2.p12" --pass-file "$PKI/password.txt"
check "PEM key and certificate" "$REFRENDA" sign in.pdf -o pem.pdf --key "$PKI/p256.key" --cert "$PKI/p256.pem" --chain "$PKI/chain.pem"
check "which verifies" "$REFRENDA" verify pem.pdf --trust "$PKI/root.pem"
finish
