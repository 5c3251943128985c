#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Many documents at once: folders, lists, a bad one among them.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

demo_pki
KEY=(--p12 "$PKI/signer-p256.p12" --pass-file "$PKI/password.txt")
"$SOURCE/scripts/demo-document.py" one.pdf
for i in $(seq 20); do cp one.pdf "doc $i.pdf"; done

check "twenty documents into a folder" "$REFRENDA" sign doc*.pdf --out-dir signed "${KEY[@]}" --jobs 4
check "all are there" test "$(ls signed | wc -l)" = 20
check "all verify" "$REFRENDA" verify signed/*.pdf --trust "$PKI/root.pem" --quiet

echo "no pdf" >bad.pdf
printf '# a list\n\none.pdf\tlisted/a.pdf\nbad.pdf\tlisted/b.pdf\none.pdf\tlisted/c.pdf\n' >list.txt
mkdir listed
check_status 1 "a list with a bad document" "$REFRENDA" sign --batch list.txt "${KEY[@]}"
check "the others are signed" test "$(ls listed | tr '\n' ' ')" = "a.pdf c.pdf "
check_says "2 of 3 documents done, 1 failed" "the summary counts" "$REFRENDA" sign --batch list.txt "${KEY[@]}" --force
check_says '"error": "not-pdf"' "the result as JSON names the failure" "$REFRENDA" sign --batch list.txt "${KEY[@]}" --force --json
json_of() { "$REFRENDA" "$@" --json 2>/dev/null | python3 -c 'import json, sys; r = json.load(sys.stdin); print(len(r.get("documents", r.get("files"))), "in the list")'; }
check_says "3 in the list" "nothing but JSON is printed, also when some fail" json_of sign --batch list.txt "${KEY[@]}" --force
printf 'one.pdf\tlisted/d.pdf\n\0one.pdf\tlisted/e.pdf\n' >zero.txt
check_status 64 "a list with a zero byte is refused whole" "$REFRENDA" sign --batch zero.txt "${KEY[@]}"
check "none of it was signed" test ! -e listed/d.pdf
printf '\357\273\277one.pdf\tlisted/f.pdf\r\n' >marked.txt
check "a list with a byte-order mark" "$REFRENDA" sign --batch marked.txt "${KEY[@]}"
check_status 64 "a list and a document" "$REFRENDA" sign --batch list.txt one.pdf "${KEY[@]}"
check_status 64 "a list and an output" "$REFRENDA" sign --batch list.txt -o x.pdf "${KEY[@]}"
check_status 64 "a report in place of the document" "$REFRENDA" sign one.pdf -o x.pdf --report one.pdf "${KEY[@]}"
check_status 64 "JSON and a document cannot share standard output" "$REFRENDA" sign one.pdf -o - --json "${KEY[@]}"
check_status 64 "two documents with one output" "$REFRENDA" sign one.pdf ./one.pdf --out-dir same "${KEY[@]}"
check_status 64 "several documents need a folder" "$REFRENDA" sign one.pdf bad.pdf -o x.pdf "${KEY[@]}"
check_status 64 "no document" "$REFRENDA" sign --out-dir x "${KEY[@]}"
check "a report is written" "$REFRENDA" sign one.pdf -o reported.pdf "${KEY[@]}" --trust "$PKI/root.pem" --report report.json
check "it holds the checks" python3 -c 'import json; r = json.load(open("report.json")); c = {x["name"]: x["result"] for x in r["documents"][0]["report"]["checks"]}; assert c["key-usage"] == "passed" and c["revocation"] == "passed", c'
finish
