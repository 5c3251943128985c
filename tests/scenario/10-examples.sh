#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The example programs, which use nothing but the public headers and the shared library; and the library's face itself.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

demo_pki
"$SOURCE/scripts/demo-document.py" in.pdf
cat "$PKI/signer.pem" "$PKI/issuing.pem" >certificates.pem
check "sign with a key that the library never sees" "$BUILD/examples/sign-with-own-key" in.pdf out.pdf "$PKI/signer.key" certificates.pem
check "the result verifies" "$REFRENDA" verify out.pdf --trust "$PKI/root.pem" --offline
check_says "TOTAL-PASSED" "who signed" "$BUILD/examples/who-signed" out.pdf "$PKI/root.pem"
check_says "ANA EJEMPLO INVENTADA" "and by whom" "$BUILD/examples/who-signed" out.pdf "$PKI/root.pem"
only_public() { nm -D --defined-only "$BUILD/librefrenda.so" | awk '$3 !~ /^rfd_/ && $3 !~ /^REFRENDA_/ { print; found = 1 } END { exit found }'; }
check "the shared library shows nothing but rfd_*" only_public
finish
