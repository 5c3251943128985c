#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Forgeries of what Refrenda signed are rejected and named; legal updates of it are accepted.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
have openssl || skip_all "openssl"

demo_pki
SIGN=("$REFRENDA" sign --quiet --p12 "$PKI/signer-p256.p12" --pass-file "$PKI/password.txt")
FORGE=$SOURCE/tests/interop/forgeries.py
mkdir -p d/signed
python3 "$FORGE" documents d
cp d/plain.pdf d/signed/unsigned.pdf
make_signed() { # NAME DOCUMENT OPTION...
    check "$1 is signed" "${SIGN[@]}" "d/$2.pdf" -o "d/signed/$1.pdf" --field Sig1 "${@:3}"
}
for name in plain packed tagged; do make_signed $name $name; done
for p in 1 2 3; do make_signed p$p plain --certify $p; done
make_signed packed3 packed --certify 3
make_signed tagged3 tagged --certify 3
make_signed include plain --lock name
make_signed exclude plain --lock '!name'
make_signed lockall plain --lock all
if have qpdf; then
    qpdf --linearize d/plain.pdf d/linear.pdf
    make_signed linear linear
fi
check "forgeries are made" python3 "$FORGE" forge d "$PKI/signer-p256.key" "$PKI/signer-p256.pem" "$PKI/chain.pem"

# One judge for all verdicts: to start Python for each takes longer than to verify.
cat >judge.py <<'PY'
import json, sys
for line in sys.stdin:
    wanted = line.strip()
    try:
        found = [f["family"] for s in json.load(open("verdict.json"))["files"][0]["signatures"] for f in s["findings"] if f["severity"] == "error"]
        good = {"failed": bool(found), "any": any(found)}.get(wanted, bool(set(found) & set(wanted.split(","))))
        print("good" if good else f"families found: {found}", flush=True)
    except (OSError, ValueError, LookupError) as why:
        print(f"no verdict: {why!r}", flush=True)
PY
coproc JUDGE { exec python3 judge.py; }
rejected() { # FILE FAMILY,...: status 1, and an error of one of the families ("any": of some, "failed": of any or none)
    local status=0 answer=none
    "$REFRENDA" verify "$1" --offline --json >verdict.json || status=$?
    [ "$status" = 1 ] || return 1
    echo "$2" >&"${JUDGE[1]}"
    read -r answer <&"${JUDGE[0]}"
    echo "$answer"
    [ "$answer" = good ]
}
while read -r file verdict families; do
    path=d/forged/$file
    case $verdict in
    accept) check "$file passes" "$REFRENDA" verify "$path" --trust "$PKI/root.pem" ;;
    reject) check "$file is rejected ($families)" rejected "$path" "$families" ;;
    doubt) check_status 2 "$file is not accepted" "$REFRENDA" verify "$path" --trust "$PKI/root.pem" ;;
    unreadable) check_status 4 "$file cannot be read" "$REFRENDA" verify "$path" ;;
    esac
done <d/forged/index.tsv

# Further revisions by other programs: Refrenda's own second signature, and what others append.
verify() { "$REFRENDA" verify "$1" --trust "$PKI/root.pem"; }
for name in plain packed tagged linear p2 p3 include; do
    [ -f d/signed/$name.pdf ] || continue
    check "$name: a second signature" "${SIGN[@]}" d/signed/$name.pdf -o twice.pdf --force --field Later
    check "$name: both signatures pass" verify twice.pdf
    check "$name: up to B-LTA" "$REFRENDA" extend twice.pdf -o long.pdf --force --level B-LTA --tsa "$URL/tsa" --trust "$PKI/root.pem"
    check "$name: both signatures and the time stamp pass" verify long.pdf
done
check "certified with permission 1: up to B-LTA" "$REFRENDA" extend d/signed/p1.pdf -o long.pdf --force --level B-LTA --tsa "$URL/tsa" --trust "$PKI/root.pem"
check "certified with permission 1: it passes" verify long.pdf
finish
