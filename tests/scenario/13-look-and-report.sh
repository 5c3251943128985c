#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Looking before signing (preview), reports for people (verify --report), the check of PDF/A (inspect --pdfa).
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
have pdfinfo pdftotext qpdf python3 || skip_all "poppler's tools or qpdf are missing"

demo_pki
"$SOURCE/scripts/demo-document.py" in.pdf
"$SOURCE/scripts/demo-pictures.py" .
KEY=(--p12 "$PKI/signer.p12" --pass-file "$PKI/password.txt" --offline --force --quiet)
LOOK=(--stamp image-left --image firma.png --crest escudo.png --post "Gerenta municipal" --lang es)

# --- preview
is_png() { # FILE WIDTH HEIGHT, give or take a pixel
    python3 - "$@" <<'PYTHON'
import struct, sys
data = open(sys.argv[1], "rb").read()
width, height = struct.unpack(">II", data[16:24])
print(data[:8], width, height)
sys.exit(not (data[:8] == b"\x89PNG\r\n\x1a\n" and abs(width - int(sys.argv[2])) < 2 and abs(height - int(sys.argv[3])) < 2))
PYTHON
}
check "a page is drawn" "$REFRENDA" preview in.pdf -o page.png --cert "$PKI/signer.pem" "${LOOK[@]}"
check "it is an A4 page at 110 dpi" is_png page.png 910 1287
check "another page, another resolution" "$REFRENDA" preview in.pdf -o small.png --cert "$PKI/signer.pem" "${LOOK[@]}" --page 1 --dpi 50
check "it is smaller" is_png small.png 414 585
check "the stamp makes a difference" bash -c 'pdftoppm -r 50 -f 1 -l 1 -singlefile -png in.pdf plain && ! cmp -s plain.png small.png'
check "the document itself is as it was" test "$("$REFRENDA" inspect in.pdf --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["files"][0]["signatures"])')" = 0
check_status 5 "an existing picture is kept" "$REFRENDA" preview in.pdf -o page.png --cert "$PKI/signer.pem" "${LOOK[@]}"
check_status 64 "without a stamp there is nothing to look at" "$REFRENDA" preview in.pdf -o no.png --cert "$PKI/signer.pem"
check_status 64 "a companion without --stamp" "$REFRENDA" sign in.pdf -o no.pdf "${KEY[@]}" --place top
check_log "--place needs --stamp" "says what is missing"
check_status 64 "a page that does not exist" "$REFRENDA" preview in.pdf -o no.png --cert "$PKI/signer.pem" "${LOOK[@]}" --page 9
check_status 64 "a place that is none" "$REFRENDA" preview in.pdf -o no.png --cert "$PKI/signer.pem" "${LOOK[@]}" --place above
check_status 1 "a picture that is none" "$REFRENDA" preview in.pdf -o no.png --cert "$PKI/signer.pem" --stamp image --image in.pdf
check_log "image cannot be used" "says so"
check_status 1 "a marker that is not there" "$REFRENDA" sign in.pdf -o no.pdf "${KEY[@]}" --stamp text --marker '{{nobody}}'
check_log "marker was not found" "says so"
check_status 64 "an unknown word" "$REFRENDA" sign in.pdf -o no.pdf "${KEY[@]}" --stamp text --stamp-text '{nombre}'
check "nothing was left behind" test ! -e no.pdf -a ! -e no.png

# --- reports
check "a visible signature" "$REFRENDA" sign in.pdf -o signed.pdf "${KEY[@]}" "${LOOK[@]}" --reason "Conforme"
told() { "$REFRENDA" verify "$@" --offline --trust "$PKI/root.pem" --quiet; }
for language in es ca en; do
    check "$language: report in PDF" told signed.pdf --lang $language --report report-$language.pdf
    check "$language: report in HTML" told signed.pdf --lang $language --report report-$language.html
    check "$language: qpdf finds the PDF clean" qpdf --check report-$language.pdf
    check "$language: it keeps PDF/A-2" "$REFRENDA" inspect --pdfa report-$language.pdf
    check "$language: the HTML fetches nothing" bash -c '! grep -qiE "(src|href)=\"?(https?:)?//" "$1"' - report-$language.html
    check "$language: the language is marked" grep -q "<html lang=\"$language\"" report-$language.html
done
says() { pdftotext "$1" - | tr '\n' ' ' | grep -qF "$2"; }
check "the Spanish one says it first" says report-es.pdf "La firma es válida"
check "the Catalan one" says report-ca.pdf "La signatura és vàlida"
check "the English one" says report-en.pdf "The signature is valid"
python3 -c 'd = open("signed.pdf", "rb").read(); open("altered.pdf", "wb").write(d[:5000] + bytes([d[5000] ^ 1]) + d[5001:])'
check_status 1 "an altered document" told altered.pdf --lang en --report altered.html
check "its report does not call it valid" bash -c '! grep -q "The signature is valid" altered.html'
check "a report as JSON" told signed.pdf --report report.json
check "it is JSON" python3 -c 'import json; json.load(open("report.json"))'
check_status 4 "an existing report is kept" told signed.pdf --report report.json
check_status 64 "one report for two documents" told signed.pdf in.pdf --report two.pdf
check_status 64 "a report of no known kind" told signed.pdf --report report.doc

# --- PDF/A
check_says "not claimed" "a document that claims nothing" "$REFRENDA" inspect --pdfa in.pdf
python3 - <<'PYTHON'
data = open("report-en.pdf", "rb").read()
open("broken.pdf", "wb").write(data.replace(b"/FontFile2", b"/FontFilf2"))
PYTHON
check_status 1 "one that breaks a rule" "$REFRENDA" inspect --pdfa broken.pdf
check_log "ISO 19005-2" "names the clause"
check "a visible signature on the report keeps it so" "$REFRENDA" sign report-en.pdf -o report-signed.pdf "${KEY[@]}" "${LOOK[@]}"
check "it still keeps PDF/A-2" "$REFRENDA" inspect --pdfa report-signed.pdf
finish
