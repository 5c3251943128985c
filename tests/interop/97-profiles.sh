#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A certificate of every profile of the packs, issued by an authority that a ceremony made, with the approvals that it
# wants, signed by the openssl command; judged by OpenSSL and GnuTLS (and by pkilint and zlint where they are).
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
export REFRENDA_PACKS=$SOURCE/packs
ca() { "$REFRENDA" ca "$@"; }

# --- An authority for all of them
profiles=$(sed -n 's/^  - name: //p' "$SOURCE"/packs/*/profiles.yaml | grep -v -e '^root$' -e '^issuing$')
list=$(tr '\n' ',' <<<"$profiles" | sed 's/,$//; s/,/, /g')
awk -v list="$list" '
    /^    profiles: \[ocsp/ { print "    profiles: [" list "]"; skip = 1 }
    /^  profiles: \[agent/ { print "  profiles: [" list "]"; skip = 1 }
    !skip { print }
    /\]$/ { skip = 0 }' "$SOURCE/packs/plans/demo.yaml" >plan.yaml
check "a ceremony" ca init -q --plan plan.yaml --home home
openssl pkcs12 -in home/agente.p12 -passin file:home/agente.password -nodes -out agent-1.pem 2>/dev/null

# --- A second agent, with the first one's approval
request() { openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -subj /CN=x -out "$1.csr" 2>/dev/null; }
request agent-2
check "a second agent" ca issue --home home --profile agent --attribute c=PE --attribute "o=Entidad Inventada" --attribute sn=SEGUNDO --attribute givenName=BLAS --attribute serialNumber=IDCPE-00000001 --attribute "cn=BLAS SEGUNDO (DEMO)" --request agent-2.csr --p12 home/agente.p12 --pass-file home/agente.password -o agent-2.crt
check "is registered" ca register --home home agent blas agent-2.crt --profile "$(tr '\n' ',' <<<"$profiles" | sed 's/,$//')"

# --- One of each
value() { # attribute prefix
    case $1 in
    c) echo PE ;; serialNumber) echo "${2:-IDCPE-}00000077" ;; organizationIdentifier) echo "${2:-VATPE-}00000000077" ;;
    sn) echo "QUISPE ÑAHUI" ;; givenName) echo ANA ;; cn) echo "ANA QUISPE ÑAHUI (DEMO)" ;; *) echo "Ejemplo de $1" ;;
    esac
}
# Prints the attributes of a profile that are not fixed, as "attribute prefix".
attributes() {
    awk -v name="$1" '
        $1 == "-" && $2 == "name:" { on = $3 == name }
        on && /attribute:/ && !/fixed:/ {
            a = $0; sub(/.*attribute: /, "", a); sub(/[,}].*/, "", a)
            p = ""; if (/prefix:/) { p = $0; sub(/.*prefix: /, "", p); sub(/}.*/, "", p) }
            print a, p }' "$SOURCE"/packs/*/profiles.yaml
}
field() { awk -v name="$1" -v field="$2:" '$1 == "-" && $2 == "name:" { on = $3 == name } on && $1 == field { print $2 }' "$SOURCE"/packs/*/profiles.yaml; }

for profile in $profiles; do
    arguments=(--profile "$profile")
    while read -r attribute prefix; do arguments+=(--attribute "$attribute=$(value "$attribute" "$prefix")"); done < <(attributes "$profile")
    case $(field "$profile" names) in
    *mail*) arguments+=(--mail ana@entidad.example) ;;
    *hosts*) arguments+=(--host "$profile.example") ;;
    esac
    request "$profile"
    approvals=$(field "$profile" approvals)
    if [ -n "$approvals" ]; then
        ca issue --home home "${arguments[@]}" --request "$profile.csr" --write-approval "$profile.txt" >"$LOG" 2>&1
        given=()
        for n in 1 2; do
            signer=(-signer agent-1.pem)
            [ $n = 2 ] && signer=(-signer agent-2.crt -inkey agent-2.key)
            openssl cms -sign -binary -nodetach -outform DER -md sha256 "${signer[@]}" -in "$profile.txt" -out "$profile-$n.der" 2>>"$LOG"
            [ "$n" -le "$approvals" ] && given+=(--approval "$profile-$n.der")
        done
        if [ "$approvals" = 2 ]; then
            check_status 1 "$profile: one approval is not enough" ca issue --home home "${arguments[@]}" --request "$profile.csr" --approval "$profile-1.der" -o few.pem
        fi
        arguments+=("${given[@]}")
    fi
    check "$profile: issued" ca issue --home home "${arguments[@]}" --request "$profile.csr" -o "$profile.crt"
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
