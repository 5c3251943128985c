#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# What pdfsig and mutool sign with RSA keys, Refrenda verifies.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

demo_pki
"$SOURCE/scripts/demo-document.py" in.pdf
TRUST=(--trust "$PKI/root.pem")
PASSWORD=$(cat "$PKI/password.txt")

if have pdfsig certutil pk12util; then
    mkdir nss
    certutil -N -d sql:nss --empty-password
    pk12util -i "$PKI/signer.p12" -d sql:nss -W "$PASSWORD" -K "" >/dev/null 2>&1
    nick=$(certutil -L -d sql:nss | awk '/u,u,u/ { sub(/ +u,u,u *$/, ""); print }' | head -n 1)
    check "pdfsig signs" pdfsig -nssdir sql:nss -add-signature -nick "$nick" in.pdf pdfsig.pdf
    check "Refrenda verifies what pdfsig signed" "$REFRENDA" verify pdfsig.pdf "${TRUST[@]}"
    check "and signs after it" "$REFRENDA" sign pdfsig.pdf -o pdfsig-ours.pdf --p12 "$PKI/signer.p12" --pass-file "$PKI/password.txt"
    check "both verify" "$REFRENDA" verify pdfsig-ours.pdf "${TRUST[@]}"
else
    skip "pdfsig, certutil, pk12util"
fi

if have mutool && { mutool sign 2>&1 || true; } | grep -qi usage; then
    # mutool signs fields that exist: prepare one by signing a field and looking for an empty one made by hand.
    python3 "$SOURCE/tests/interop/inputs/handmade.py" hand >/dev/null
    input=$(for f in hand/*.pdf; do "$REFRENDA" fields "$f" 2>/dev/null | grep -q "empty signature field" && echo "$f" && break; done)
    number=$("$REFRENDA" fields "$input" --json | python3 -c 'import json,sys; print(next(f["object"] for f in json.load(sys.stdin)["files"][0]["fields"] if f["signature"] and not f["signed"]))')
    check "mutool signs" mutool sign -s "$PKI/signer.p12" -P "$PASSWORD" -o mutool.pdf "$input" "$number"
    # mutool 1.21 digests with SHA-1: right in every way but that.
    only_sha1() {
        "$REFRENDA" verify mutool.pdf "${TRUST[@]}" --json >mutool.json
        python3 -c 'import json; s = json.load(open("mutool.json"))["files"][0]["signatures"][0]; assert s["intact"] and s["covers_whole_file"] and s["path"][-1]["anchor"] and s["sub_indication"] == "CRYPTO_CONSTRAINTS_FAILURE_NO_POE", s'
    }
    check "what mutool signed is intact, and doubted for its SHA-1 alone" only_sha1
else
    skip "mutool sign"
fi
finish
