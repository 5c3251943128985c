#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Visible signatures as other programs see them: where the ink is, what the text says, whether anything is broken.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
have pdftoppm pdftotext pdffonts pdfsig qpdf python3 || skip_all "poppler's tools or qpdf are missing"

TOOL=$SOURCE/tests/support/stamp_pages.py
demo_pki
python3 "$TOOL" make in
KEY=(--p12 "$PKI/signer.p12" --pass-file "$PKI/password.txt" --offline --force --quiet)
TRUST=(--trust "$PKI/root.pem")
OTHER=(--p12 "$PKI/signer-p256.p12" --pass-file "$PKI/password.txt" --offline --force --quiet)
sign() { "$REFRENDA" sign "$@"; }
ink() { python3 "$TOOL" inside "$@"; }

# Where it was asked for, on every kind of page, in every style.
for page in portrait landscape turned-90 turned-180 turned-270 cropped cropped-90 swapped a5 unit; do
    unit=1
    [ $page = unit ] && unit=2
    place=(--place 15,20 --stamp-size 60x25 --offline)
    check "$page: text" sign in/$page.pdf -o out.pdf "${KEY[@]}" --stamp text "${place[@]}" --qr https://v.example/1
    check "$page: text is where it was asked for" ink out.pdf $unit 15 20 75 45 fill
    check "$page: qpdf finds it clean" qpdf --check out.pdf
    check "$page: image" sign in/$page.pdf -o out.pdf "${KEY[@]}" --stamp image --image in/corners.png --place 15,20 --stamp-size 60x30
    check "$page: image is where it was asked for" ink out.pdf $unit 15 20 75 50 fill
    check "$page: image at the left" sign in/$page.pdf -o out.pdf "${KEY[@]}" --stamp image-left --image in/hand.png "${place[@]}" --look holder
    check "$page: it is where it was asked for" ink out.pdf $unit 15 20 75 45 fill
    check "$page: image above" sign in/$page.pdf -o out.pdf "${KEY[@]}" --stamp image-above --image in/hand.png "${place[@]}" --look endorsement
    check "$page: it is where it was asked for" ink out.pdf $unit 15 20 75 45 fill
    check "$page: strip" sign in/$page.pdf -o out.pdf "${KEY[@]}" --stamp strip --qr https://v.example/1 --number 2026-1
    check "$page: the strip is in the margin" ink out.pdf $unit 5 5 19 1000
    check "$page: bottom right" sign in/$page.pdf -o out.pdf "${KEY[@]}" --stamp text --place bottom-right --stamp-size 60x25 --margin 0.5 --look notification
done

# The text, in order, in embedded subsets.
WORDS=(--name "Ñusta Q'enqo Wiñaymarka" --post "Cap d'intel·ligència, Güell i Çà" --reason "Añañaw; qhapaq ñan" --location "Sant Julià")
check "text of many letters" sign in/portrait.pdf -o words.pdf "${KEY[@]}" --stamp text "${WORDS[@]}" --number 77 --lang en --stamp-size 90x30
check "it is found in the right order" python3 "$TOOL" lines words.pdf "Signed by" "Ñusta Q'enqo Wiñaymarka" "Cap d'intel·ligència, Güell i Çà" "Reason: Añañaw; qhapaq ñan" "Place: Sant Julià" "Document: 77"
only_subsets() { pdffonts "$1" | tail -n +3 | awk '{ n++; if ($0 !~ /^[A-Z][A-Z][A-Z][A-Z][A-Z][A-Z]\+/ || $0 !~ /yes yes yes/) bad = 1 } END { exit !(n > 0 && !bad) }'; }
check "all fonts are embedded subsets with Unicode" only_subsets words.pdf
check "a template of one's own" sign in/portrait.pdf -o own.pdf "${KEY[@]}" --stamp text --stamp-text '*{name}\nDNI {id}\nMotivo: {reason}\n{{x}' --name Alba
check "without its empty lines" python3 "$TOOL" lines own.pdf "Alba" "{x}"
check_says "unknown word" "an unknown word is an error" sign in/portrait.pdf -o no.pdf "${KEY[@]}" --stamp text --stamp-text '{nombre}'

# Several signatures, none over another, none minding the later ones.
valid() { [ "$(pdfsig "$1" 2>/dev/null | grep -c 'Signature is Valid')" = "$2" ]; }
for certify in "" "--certify 2"; do
    # shellcheck disable=SC2086
    check "first ${certify:-approval}" sign in/portrait.pdf -o 1.pdf "${KEY[@]}" --stamp text $certify
    check "second" sign 1.pdf -o 2.pdf "${OTHER[@]}" --stamp image-left --image in/hand.png --crest in/crest.png
    check "third" "$REFRENDA" endorse 2.pdf -o 3.pdf "${KEY[@]}" --stamp text --qr https://v.example/1
    check "all three verify" "$REFRENDA" verify 3.pdf "${TRUST[@]}"
    check "pdfsig agrees" valid 3.pdf 3
    check "qpdf finds it clean" qpdf --check 3.pdf
done
check "a place" sign in/portrait.pdf -o 1.pdf "${KEY[@]}" --stamp text --place 50,50
check_status 1 "the same place again" sign 1.pdf -o no.pdf "${KEY[@]}" --stamp text --place 60,60
check_status 1 "a place off the page" sign 1.pdf -o no.pdf "${KEY[@]}" --stamp text --place 200,60
check_status 1 "all pages after a signature" sign 1.pdf -o no.pdf "${KEY[@]}" --stamp text --page all
check_status 1 "a marker that is not there" sign 1.pdf -o no.pdf "${KEY[@]}" --stamp text --marker '{{firma:9}}'
check "no output is left" test ! -e no.pdf

# All pages, also where content leaves the graphics state in disorder.
check "all pages" sign in/mixed.pdf -o all.pdf "${KEY[@]}" --stamp strip --page all --qr https://v.example/1
check "qpdf finds it clean" qpdf --check all.pdf
check "every page shows it" test "$(pdftotext all.pdf - | grep -c 'Signed by')" = 10
check "it verifies" "$REFRENDA" verify all.pdf "${TRUST[@]}"
check "a second signature" sign all.pdf -o all2.pdf "${OTHER[@]}" --stamp text
check "both verify" "$REFRENDA" verify all2.pdf "${TRUST[@]}"
check "leaky pages" sign in/leaky.pdf -o leaky.pdf "${KEY[@]}" --stamp image --image in/corners.png --page all --place 20,20 --stamp-size 40x20
check "the picture is where it was asked for" ink leaky.pdf 1 20 20 60 40 fill

# PDF/A: no soft masks in part 1, whatever the picture has; no groups in any.
for part in 1 2 3; do
    check "PDF/A-$part" sign in/pdfa-$part.pdf -o a.pdf "${KEY[@]}" --stamp image-left --image in/hand.png --crest in/crest.png --qr https://v.example/1
    check "PDF/A-$part: qpdf" sh -c 'qpdf --qdf --object-streams=disable a.pdf a.qdf'
    [ $part = 1 ] && check "PDF/A-1: no soft mask" sh -c '! grep -aq /SMask a.qdf'
    [ $part = 1 ] && check "PDF/A-1: no colours of devices" sh -c '! grep -aq "/Device\(RGB\|Gray\|CMYK\)" a.qdf'
    check "PDF/A-$part: no group" sh -c '! grep -aq /Transparency a.qdf'
done

# Encrypted documents, compressed ones.
check "encrypt" qpdf --encrypt "" owner 256 -- in/portrait.pdf encrypted.pdf
check "sign an encrypted document" sign encrypted.pdf -o out.pdf "${KEY[@]}" --stamp text --qr https://v.example/1 --name Alba
check "its text is found" python3 "$TOOL" lines out.pdf "Alba"
check "it verifies" "$REFRENDA" verify out.pdf "${TRUST[@]}"
check "object streams" qpdf --object-streams=generate in/mixed.pdf streams.pdf
check "sign on all pages" sign streams.pdf -o out.pdf "${KEY[@]}" --stamp text --page all --place bottom
check "it verifies" "$REFRENDA" verify out.pdf "${TRUST[@]}"
check "qpdf finds it clean" qpdf --check out.pdf
finish
