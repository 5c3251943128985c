#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Text and markers on the pages of every producer, against what pdftotext reads there.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
PAGE_TEXT=$BUILD/tests/interop/page_text
have pdftotext qpdf python3 || skip_all "pdftotext and qpdf are needed"
[ -x "$PAGE_TEXT" ] || skip_all "page_text is not built"
CHECK=$SOURCE/tests/interop/page_text_check.py

mkdir marked inputs
python3 "$CHECK" make marked >made.log 2>make.log
check "documents with markers are made" grep -q '^made' made.log
while read -r what name why; do
    if [ "$what" = skipped ]; then
        skip "$name: $why is not installed"
        continue
    fi
    check "$name: words" python3 "$CHECK" words "$PAGE_TEXT" "marked/$name.pdf" ""
    check "$name: nothing is passed over" "$PAGE_TEXT" text "marked/$name.pdf"
    for marker in "{{firma:1}}" "{{visado:1}}"; do
        check "$name: $marker" python3 "$CHECK" marker "$PAGE_TEXT" "marked/$name.pdf" "$marker"
    done
    check_says . "$name: a marker in a line" "$PAGE_TEXT" find "marked/$name.pdf" "{{firma:2}}"
    check "$name: no marker" test -z "$("$PAGE_TEXT" find "marked/$name.pdf" "{{firma:3}}")"
done <made.log

"$SOURCE/tests/interop/inputs/make-inputs" inputs >make.log 2>&1
check "the inputs are made" test -s inputs/index.tsv
PASSWORD=$(head -n 1 inputs/index.tsv | tr '\t' '\n' | grep -nx user-password | cut -d: -f1)
tr '\t' '\037' <inputs/index.tsv >rows
while IFS=$'\037' read -r -a row; do
    name=${row[0]} password=${row[PASSWORD - 1]:-}
    [ "$name" = name ] && continue
    check "$name: words" python3 "$CHECK" words "$PAGE_TEXT" "inputs/$name.pdf" "$password"
done <rows
finish
