#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# PDF/A files of Ghostscript and LibreOffice stay PDF/A when they are signed, visibly or not: by our own checker, and for
# part 1 also by PDFBox's preflight (Debian: libpdfbox2-java libactivation-java libjaxb-api-java default-jre-headless).
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
CHECKER=$BUILD/tests/interop/archive_check
[ -x "$CHECKER" ] || skip_all "archive_check is not built"
have gs || have soffice || skip_all "gs or soffice is needed"

profile=$(find /usr/share/color/icc /usr/share/ghostscript -name 'srgb.icc' 2>/dev/null | head -n 1)
by_ghostscript() { # part
    cat >"definition.ps" <<END
%!
/profile ($profile) def
[/_objdef {profile_stream} /type /stream /OBJ pdfmark
[{profile_stream} << /N 3 >> /PUT pdfmark
[{profile_stream} profile (r) file /PUT pdfmark
[/_objdef {intent} /type /dict /OBJ pdfmark
[{intent} << /Type /OutputIntent /S /GTS_PDFA1 /DestOutputProfile {profile_stream} /OutputConditionIdentifier (sRGB) >> /PUT pdfmark
[{Catalog} << /OutputIntents [ {intent} ] >> /PUT pdfmark
END
    cat >"page.ps" <<'END'
%!PS
/Helvetica findfont 20 scalefont setfont 72 720 moveto (An archived page) show
1 0 0 setrgbcolor 72 600 100 50 rectfill showpage
END
    gs -q -dPDFA="$1" -dBATCH -dNOPAUSE -dNOSAFER -sColorConversionStrategy=RGB -sDEVICE=pdfwrite \
        -dPDFACompatibilityPolicy=1 -sOutputFile="gs-$1.pdf" definition.ps page.ps
}
by_libreoffice() { # part
    cat >"lo-$1.fodt" <<'END'
<?xml version="1.0" encoding="UTF-8"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text><text:p>Resolución archivada, ñandú.</text:p></office:text></office:body></office:document>
END
    timeout 600 soffice "-env:UserInstallation=file://$WORK/office" --headless --convert-to \
        "pdf:writer_pdf_Export:{\"SelectPdfVersion\":{\"type\":\"long\",\"value\":\"$1\"}}" "lo-$1.fodt" >/dev/null 2>&1
}

jars=/usr/share/java
preflight() {
    java -Dorg.apache.commons.logging.Log=org.apache.commons.logging.impl.NoOpLog \
        -cp "$jars/preflight.jar:$jars/pdfbox2.jar:$jars/fontbox2.jar:$jars/xmpbox.jar:$jars/commons-logging.jar:$jars/javax.activation.jar:$jars/jaxb-api.jar" \
        org.apache.pdfbox.preflight.Validator_A1b "$1"
}
have_preflight() {
    have java && [ -f $jars/preflight.jar ] && [ -f $jars/javax.activation.jar ] && [ -f $jars/jaxb-api.jar ]
}

sign() { # input output options...
    local input=$1 output=$2
    shift 2
    "$REFRENDA" sign "$input" -o "$output" --p12 pki/signer.p12 --pass-file pki/password.txt --offline "$@"
}

# A picture with an alpha channel.
if have gs; then
    printf '%%!PS\n0 0 1 setrgbcolor 10 10 100 40 rectfill showpage\n' | gs -q -sDEVICE=pngalpha -g200x80 -o image.png - >/dev/null
fi

check "demo certificates" "$REFRENDA" certs demo pki
for part in 1 2 3; do
    for maker in gs lo; do
        if [ $maker = gs ] && have gs && [ -n "$profile" ]; then by_ghostscript $part
        elif [ $maker = lo ] && have soffice; then by_libreoffice $part
        else skip "$maker is not there"; continue; fi
        file=$maker-$part
        check_says "PDF/A-$part" "$file: conforms" "$CHECKER" "$file.pdf"
        for style in text strip image-left; do
            extra=()
            if [ $style = image-left ]; then
                [ -f image.png ] || continue
                extra=(--image image.png --qr 'urn:example:{number}' --number 12)
            fi
            check "$file: signed with a stamp of style $style" \
                sign "$file.pdf" "$file-$style.pdf" --stamp=$style --stamp-text='{name}\n{date}' "${extra[@]}"
            check "$file: still conforms with a stamp of style $style" "$CHECKER" "$file-$style.pdf"
        done
        check "$file: signed invisibly" sign "$file.pdf" "$file-invisible.pdf"
        check "$file: still conforms with an invisible signature" "$CHECKER" "$file-invisible.pdf"
        # Ghostscript's dates ("Z00'00'") are none that preflight can read.
        if [ $part = 1 ] && [ $maker = lo ] && have_preflight; then
            for kind in "" -text -strip -image-left -invisible; do
                [ -f "$file$kind.pdf" ] || continue
                check_says "is a valid PDF/A-1b file" "$file$kind: preflight agrees" preflight "$file$kind.pdf"
            done
        fi
    done
done
have_preflight || skip "preflight is not there"
finish
