#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A certificate of every profile of the packs, issued by an authority that a ceremony made, with the approvals that it
# wants, signed by the openssl command; judged by OpenSSL, GnuTLS and cryptography's own reader, which takes nothing but DER (and by
# pkilint and zlint where they are: neither is in Debian 12, docs/dependencies.md).
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
export REFRENDA_PACKS=$SOURCE/packs
ca() { "$REFRENDA" ca "$@"; }

. "$SOURCE/tests/support/profiles.sh"

sed -e "$(profiles_edit)" "$SOURCE/packs/plans/demo.yaml" >plan.yaml
check "a ceremony" ca init -q --plan plan.yaml --home home
check "a second agent, with the first one's approval" profiles_agents home
for profile in $PROFILES; do
    request "$profile"
    profiles_arguments "$profile"
    profiles_approve home "$profile"
    if [ ${#GIVEN[@]} = 4 ]; then
        check_status 1 "$profile: one approval is not enough" ca issue --home home "${ARGUMENTS[@]}" --request "$profile.csr" "${GIVEN[@]:0:2}" -o few.pem
    fi
    check "$profile: issued" ca issue --home home "${ARGUMENTS[@]}" "${GIVEN[@]}" --request "$profile.csr" -o "$profile.crt"
    check "$profile: openssl verify" openssl verify -x509_strict -CAfile home/public/raiz.pem -untrusted home/public/emisora-1.pem "$profile.crt"
    openssl x509 -in "$profile.crt" -out "$profile.pem"
    openssl asn1parse -in "$profile.pem" >"$profile.asn1"
    check "$profile: asn1parse" test -s "$profile.asn1"
    check "$profile: BOOLEAN TRUE is FF" test -z "$(grep BOOLEAN "$profile.asn1" | grep -v ':255$')"
    if have certtool; then
        cat "$profile.pem" home/public/emisora-1.pem home/public/raiz.pem >chain.pem
        check_says "Verified. The certificate is trusted" "$profile: certtool --verify" certtool --verify --load-ca-certificate home/public/raiz.pem --infile chain.pem
        check "$profile: certtool reads it" test -z "$(certtool -i --infile "$profile.pem" 2>&1 >/dev/null)"
    else
        skip "certtool"
    fi
    if have zlint; then check "$profile: zlint" test -z "$(zlint "$profile.pem" | grep -oE '"result":"(error|fatal)"')"; fi
    if have lint_pkix_cert; then check "$profile: pkilint" lint_pkix_cert lint -s ERROR "$profile.pem"; fi
done
cat >strict.py <<'END'
import pathlib, sys, warnings
from cryptography import x509
warnings.filterwarnings("error", message=".*(serial|parsed|DER).*")  # what it calls wrong, but reads for others' sake
for name in sys.argv[1:]:
    certificate = x509.load_pem_x509_certificate(pathlib.Path(name).read_bytes())
    for part in (certificate.subject, certificate.issuer, certificate.serial_number, certificate.public_key()):
        assert part, name
    for extension in certificate.extensions:  # each once, each read to its end
        print(name, extension.oid.dotted_string, type(extension.value).__name__)
END
no_der() { # BOOLEAN TRUE as 01: BER, but not DER
    openssl x509 -in "$1" -outform DER | python3 -c 'import sys; d = sys.stdin.buffer.read(); assert b"\1\1\xff" in d; sys.stdout.buffer.write(d.replace(b"\1\1\xff", b"\1\1\1", 1))' |
        openssl x509 -inform DER -out no-der.pem
}
if python3 -c 'import cryptography' 2>/dev/null; then
    # shellcheck disable=SC2046 # names without blanks
    check "cryptography reads every certificate, as DER" python3 strict.py $(printf '%s.pem ' $PROFILES) home/public/raiz.pem home/public/emisora-1.pem
    check "with its extensions" test "$(grep -c . "$LOG")" -gt "$(wc -w <<<"$PROFILES")"
    check "a certificate in BER" no_der home/public/emisora-1.pem
    check_status 1 "is none to it" python3 strict.py no-der.pem
else
    skip "cryptography is not installed"
fi
have zlint || skip "zlint is not installed"
have lint_pkix_cert || skip "pkilint is not installed"
finish
