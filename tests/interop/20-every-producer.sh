#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Inputs of every producer and shape: signed twice, nothing of the input altered, accepted by pdfsig and qpdf.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
have pdfsig qpdf certutil || skip_all "pdfsig and qpdf are needed"

demo_pki
mkdir nss inputs
certutil -N -d sql:nss --empty-password
"$SOURCE/tests/interop/inputs/make-inputs" inputs >make.log 2>&1
check "the inputs are made" test -s inputs/index.tsv
KEY=(--p12 "$PKI/signer-p256.p12" --pass-file "$PKI/password.txt")
for producer in libreoffice chromium cairo ghostscript pdftex qpdf mutool; do
    grep -q "^skipped.*$producer" make.log && skip "$producer is not installed"
done

column() { head -n 1 inputs/index.tsv | tr '\t' '\n' | grep -nx "$1" | cut -d: -f1; }
NAME=$(column name) USER=$(column user-password) OWNER=$(column owner-password) REMARKS=$(column remarks)

valid_for_pdfsig() { pdfsig -nssdir sql:nss "${@:2}" "$1" >pdfsig.txt 2>&1; grep -q "Signature is Valid" pdfsig.txt && ! grep -qE "Signature is Invalid|Digest Mismatch" pdfsig.txt; }

# Blank separators would swallow empty columns, so tabs become unit separators.
tr '\t' '\037' <inputs/index.tsv >rows
while IFS=$'\037' read -r -a row; do
    name=${row[NAME - 1]} password=${row[USER - 1]:-} remarks=${row[REMARKS - 1]:-}
    [ "$name" = name ] && continue
    file=inputs/$name
    [ -f "$file" ] || file=inputs/$name.pdf
    case $password in -|none) password= ;; esac
    printf '%s\n' "$password" >password.txt
    DOC=(--document-pass-file password.txt)
    case $name in
    *-nomodify) # its permissions forbid signing to all but the owner
        check_status 1 "$name: refused to a user" "$REFRENDA" sign "$file" -o one.pdf -f "${KEY[@]}" "${DOC[@]}"
        password=${row[OWNER - 1]}
        printf '%s\n' "$password" >password.txt
        ;;
    esac
    check "$name: sign" "$REFRENDA" sign "$file" -o one.pdf -f "${KEY[@]}" "${DOC[@]}"
    [ -f one.pdf ] || continue
    check "$name: begins with the input" cmp -n "$(stat -c %s "$file")" "$file" one.pdf
    check "$name: sign again" "$REFRENDA" sign one.pdf -o two.pdf -f "${KEY[@]}" "${DOC[@]}"
    check "$name: verify" "$REFRENDA" verify two.pdf --trust "$PKI/root.pem" "${DOC[@]}"
    case $remarks in
    junk*) ;;
    *)
        check "$name: qpdf" qpdf --password="$password" --check two.pdf
        check "$name: pdfsig" valid_for_pdfsig two.pdf ${password:+-upw "$password" -opw "$password"}
        ;;
    esac
    rm -f one.pdf two.pdf
done <rows

TSA=(--tsa "$URL/tsa" --trust "$PKI/root.pem")
check "a signature that locks every field" "$REFRENDA" sign inputs/handmade-form-direct.pdf -o locked.pdf --field FirmaTodo "${KEY[@]}"
check_status 1 "a time stamp into a locked field" "$REFRENDA" timestamp locked.pdf -o x.pdf --field FirmaInvisible "${TSA[@]}"
check "a time stamp with a field of its own" "$REFRENDA" timestamp locked.pdf -o stamped.pdf "${TSA[@]}"
check "leaves the signature valid" "$REFRENDA" verify stamped.pdf --trust "$PKI/root.pem"
finish
