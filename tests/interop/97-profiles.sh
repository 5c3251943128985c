#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A certificate of every profile of the packs, issued by an authority that a ceremony made, with the approvals that it
# wants, signed by the openssl command; judged by OpenSSL and GnuTLS (and by pkilint and zlint where they are).
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
have zlint || skip "zlint is not installed"
have lint_pkix_cert || skip "pkilint is not installed"
finish
