#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Each kind of bad input: one clear message, the right exit status, no output file.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

PKI=$WORK/pki
mkdir pki
serve_pki "$PKI"
python3 "$SOURCE/tests/support/make_pki.py" "$PKI" --port "${URL##*:}" --force >/dev/null 2>&1
"$SOURCE/scripts/demo-document.py" in.pdf
PASS=(--pass-file "$PKI/password.txt")
KEY=(--p12 "$PKI/signer.p12" "${PASS[@]}")

# refused STATUS "message" "name" argument...: sign with these arguments to no.pdf
refused() {
    local status=$1 message=$2 name=$3
    shift 3
    rm -f no.pdf
    check_status "$status" "$name" "$REFRENDA" sign "$@" -o no.pdf
    check_log "$message" "$name: says so"
    check "$name: one error line" test "$(grep -c '^refrenda: error' "$LOG")" = 1
    check "$name: leaves nothing" test ! -e no.pdf -a -z "$(find . -maxdepth 1 -name '.no.pdf*')"
}

echo "not a pdf" >text.pdf
head -c 3000 in.pdf >truncated.pdf
: >empty.pdf
refused 4 "not a PDF" "not a PDF" text.pdf "${KEY[@]}"
refused 4 "not a PDF" "an empty file" empty.pdf "${KEY[@]}"
refused 4 "damaged" "a truncated file" truncated.pdf "${KEY[@]}"
refused 4 "cannot be read" "no such file" absent.pdf "${KEY[@]}"
refused 4 "cannot be read" "a folder" . "${KEY[@]}"

sed 's/^startxref$/startxxxx/' in.pdf >damaged.pdf
refused 4 "damaged" "a damaged file" damaged.pdf "${KEY[@]}"
check "a damaged file, repaired" "$REFRENDA" sign damaged.pdf -o repaired.pdf "${KEY[@]}" --repair
check_log "was damaged and has been rewritten" "is told so"
check "it is clean" qpdf --check repaired.pdf
check_status 2 "and its signature is sound" "$REFRENDA" verify repaired.pdf --offline
sed 's/^startxref$/startxxxx/' repaired.pdf >signed-damaged.pdf
refused 4 "already signed" "a damaged and signed file is not repaired" signed-damaged.pdf "${KEY[@]}" --repair

echo wrong >wrong.txt
refused 2 "password of the key is wrong" "wrong password" in.pdf --p12 "$PKI/signer.p12" --pass-file wrong.txt
refused 2 "expired" "expired certificate" in.pdf --p12 "$PKI/expired.p12" "${PASS[@]}"
refused 2 "not valid yet" "certificate of the future" in.pdf --p12 "$PKI/not-yet-valid.p12" "${PASS[@]}"
refused 2 "not meant for signing" "no key usage for signing" in.pdf --p12 "$PKI/no-sign.p12" "${PASS[@]}"
refused 2 "revoked" "revoked certificate" in.pdf --p12 "$PKI/revoked.p12" "${PASS[@]}" --trust "$PKI/root.pem"
refused 2 "too weak" "weak key" in.pdf --p12 "$PKI/rsa1024.p12" "${PASS[@]}"
refused 2 "trusted authority" "untrusted certificate, when trust is required" in.pdf --p12 "$PKI/other.p12" "${PASS[@]}" --trust "$PKI/root.pem" --require-trust
refused 2 "does not belong" "key and certificate of two people" in.pdf --key "$PKI/signer.key" --cert "$PKI/p256.pem"
refused 64 "none given" "no key" in.pdf
refused 64 "Unknown option" "an unknown option" in.pdf "${KEY[@]}" --nonsense
refused 64 "values that this option takes" "an unknown level" in.pdf "${KEY[@]}" --level B-X
refused 64 "time-stamp service" "a level without its service" in.pdf "${KEY[@]}" --level B-T
refused 64 "trust anchors cannot be read" "unreadable anchors" in.pdf "${KEY[@]}" --trust text.pdf

refused 3 "cannot be reached" "dead time-stamp service" in.pdf "${KEY[@]}" --level B-T --tsa http://127.0.0.1:9/tsa
for fault in 500 reject garbage drop; do
    serve_pki "$PKI" --fail "tsa=$fault"
    refused 3 "service" "time-stamp service: $fault" in.pdf "${KEY[@]}" --level B-T --tsa "$URL/tsa"
done

qpdf --encrypt usuario titular 256 -- in.pdf locked.pdf
echo titulares >bad-pass.txt
echo usuario >good-pass.txt
refused 4 "password is missing or wrong" "an encrypted document without password" locked.pdf "${KEY[@]}"
refused 4 "password is missing or wrong" "an encrypted document, wrong password" locked.pdf "${KEY[@]}" --document-pass-file bad-pass.txt
check "an encrypted document with its password" "$REFRENDA" sign locked.pdf -o locked-signed.pdf "${KEY[@]}" --document-pass-file good-pass.txt

check_status 5 "no such folder" "$REFRENDA" sign in.pdf -o absent/out.pdf "${KEY[@]}"
mkfifo pipe
check_status 5 "nothing but a regular file is replaced" "$REFRENDA" sign in.pdf -o pipe "${KEY[@]}" --force
check "the pipe is still one" test -p pipe
if [ "$(id -u)" = 0 ] && mkdir -p small && mount -t tmpfs -o size=16k tmpfs small 2>/dev/null; then
    check_status 5 "a full disk" "$REFRENDA" sign in.pdf -o small/out.pdf "${KEY[@]}"
    check_log "disk is full" "is called so"
    check "leaves nothing" test -z "$(ls -A small)"
    umount small
else
    skip "a full disk: needs a mount"
fi

check_status 4 "verify: not a PDF" "$REFRENDA" verify text.pdf
check_status 64 "verify: no file" "$REFRENDA" verify
check_status 64 "verify: unknown option" "$REFRENDA" verify in.pdf --nonsense
check_status 4 "of several files the worst counts" "$REFRENDA" verify in.pdf text.pdf
check_status 64 "an unknown command" "$REFRENDA" frobnicate
finish
