#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Third-party files: attacks are rejected and named; every openable file is signed without altering a byte of it.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
[ -d "$REFRENDA_CORPORA/attacks" ] || skip_all "the corpora are not here"

demo_pki
KEY=(--p12 "$PKI/signer-p256.p12" --pass-file "$PKI/password.txt")

rejected() { # FILE FAMILY...: a signature fails with a finding of one of these families
    local status=0
    "$REFRENDA" verify "$1" --offline --json >verdict.json || status=$?
    [ "$status" = 1 ] && python3 - "${@:2}" <<'PY'
import json, sys
found = {f["family"] for s in json.load(open("verdict.json"))["files"][0]["signatures"] for f in s["findings"] if f["severity"] == "error"}
sys.exit(0 if found & set(sys.argv[1:]) else f"families found: {found}")
PY
}
unchanged() { # FILE: every signature intact, changes allowed
    "$REFRENDA" verify "$1" --offline --json >verdict.json
    python3 -c 'import json; s = json.load(open("verdict.json"))["files"][0]["signatures"]; assert s and all(x["intact"] and x["changes_allowed"] for x in s), s'
}
cd "$REFRENDA_CORPORA/attacks" && mapfile -t attacks < <(find . -name '*.pdf' | sort) && cd "$WORK" || exit 99
for file in "${attacks[@]}"; do
    path=$REFRENDA_CORPORA/attacks/$file
    case $file in
    ./usf*) check "${file#./} is rejected as universal signature forgery" rejected "$path" USF ;;
    ./siwa*) check "${file#./} is rejected as signature wrapping" rejected "$path" SWA ;;
    ./isa*) check "${file#./} is rejected as incremental saving" rejected "$path" ISA SWA ;;
    */[12]_*) check_status 3 "${file#./} is not signed" "$REFRENDA" verify "$path" ;;
    */3_*) check "${file#./} is signed and unchanged" unchanged "$path" ;;
    */4_*) check "${file#./} is rejected as shadow attack" rejected "$path" SHADOW ;;
    esac
done

begins_with() { cmp -n "$(stat -c %s "$1")" "$1" "$2"; }
for path in "$REFRENDA_CORPORA"/pdf/*.pdf "$REFRENDA_CORPORA"/attacks/*.pdf "$REFRENDA_CORPORA"/attacks/*/*.pdf; do
    for password in "" usersecret ownersecret secret; do
        printf '%s\n' "$password" >password.txt
        rm -f out.pdf
        status=0
        "$REFRENDA" sign "$path" -o out.pdf "${KEY[@]}" --document-pass-file password.txt >"$LOG" 2>&1 || status=$?
        [ "$status" = 4 ] && grep -qF "password is missing" "$LOG" || break
    done
    case $status in
    0) check "${path##*/}: the output begins with the input" begins_with "$path" out.pdf ;;
    1 | 4) report ok "${path##*/}: refused: $(grep -m1 -oE 'error: .*' "$LOG" | cut -c 8-90)" ;;
    *) report not-ok "${path##*/}: status $status" ;;
    esac
done
finish
