#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Printed documents, judged by programs that nobody here wrote: qpdf, poppler's tools, mutool, xmllint.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
have qpdf pdffonts pdftotext pdfinfo || skip_all "qpdf and poppler-utils are needed"

PRINT=$BUILD/tests/interop/printed_page
[ -x "$PRINT" ] || skip_all "printed_page is not built"

fonts_embedded() { pdffonts "$1" | tail -n +3 | awk '{ n++; if ($0 !~ /yes yes yes/) bad = 1 } END { exit bad || n < 3 }'; }
says_in_order() { # file, texts...
    local text
    text=$(pdftotext -raw "$1" - | tr '\n' ' ')
    shift
    for wanted in "$@"; do
        [[ $text == *"$wanted"* ]] || { echo "missing or too early: $wanted"; return 1; }
        text=${text#*"$wanted"}
    done
}
structure_in_order() { # file, types and texts...
    local text
    text=$(pdfinfo -struct-text "$1" 2>/dev/null)
    shift
    for wanted in "$@"; do
        [[ $text == *"$wanted"* ]] || { echo "missing or too early: $wanted"; return 1; }
        text=${text#*"$wanted"}
    done
}
# Header, footer and number are on the pages, and not in the structure.
page_has() { pdftotext -raw -f "$2" -l "$2" "$1" - | grep -qF "$3"; }
not_in_structure() { ! pdfinfo -struct-text "$1" | grep -qF "$2"; }
metadata_is_xml() { pdfinfo -meta "$1" | xmllint --noout -; }
metadata_says() { pdfinfo -meta "$1" | grep -qF "$2"; }
pages_of() { pdfinfo "$1" | awk '/^Pages:/ { print $2 }'; }
quiet() { [ -z "$("$@" 2>&1 >/dev/null)" ]; }
# Debian's mutool says of itself that it has no ICC.
mutool_quiet() { ! mutool draw -F txt -o /dev/null "$1" 2>&1 | grep -vE "^page |ICC support is not available"; }

while read -r name width height rows; do
    file=$name.pdf
    check "$name: printed" "$PRINT" "$file" "$width" "$height" "$rows"
    check "$name: qpdf" qpdf --check "$file"
    check "$name: poppler has nothing to say" quiet pdftotext "$file" -
    if have mutool; then check "$name: mutool has nothing to say" mutool_quiet "$file"; else skip "no mutool"; fi
    check "$name: fonts are embedded subsets" fonts_embedded "$file"
    check "$name: reading order" says_in_order "$file" "Informe de validación" "Las tres firmas son válidas" "Fichero" "contrato" \
        "Referencia" "Pago de nómina" "Qué se comprobó" "Ningún byte cambió" "ch'aska, p'unchaw" "col·legi, intel·ligència" "jaqï, ñäka"
    check "$name: structure" structure_in_order "$file" Document H1 "Informe de" H2 Table TH Fichero TD contrato Table TR TH Referencia \
        TD "Pago de nómina" L LI Lbl LBody Integridad H3 P Figure Figure
    count=$(pages_of "$file")
    for page in 1 "$count"; do
        check "$name: page $page says its number" page_has "$file" "$page" "Página $page de $count"
        check "$name: page $page has its header" page_has "$file" "$page" "Secretaría General"
    done
    check "$name: header is not in the structure" not_in_structure "$file" "Secretaría General"
    if have xmllint; then check "$name: metadata is XML" metadata_is_xml "$file"; else skip "no xmllint"; fi
    check "$name: the title is escaped" metadata_says "$file" 'Informe &lt;de&gt; &quot;validación&quot; &amp; más'
    check "$name: printed again" "$PRINT" again.pdf "$width" "$height" "$rows"
    check "$name: the same bytes" cmp "$file" again.pdf
done <<END
a4 595 842 3
a5 420 595 3
landscape 842 595 40
letter 612 792 60
END

check "2,000 rows in less than five seconds" bash -c 'ulimit -t 5 && "$0" rows.pdf 595 842 2000' "$PRINT" # of the processor: machines may be busy
check "2,000 rows: qpdf" qpdf --check rows.pdf
check "the head row is on a page in the middle" page_has rows.pdf 20 "Referencia"
finish
