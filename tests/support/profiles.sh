# SPDX-License-Identifier: EUPL-1.2
# A certificate of every profile of the packs, for scripts: source it after tap.sh.
#
#   PROFILES                      their names, without those of authorities
#   profiles_edit                 prints sed commands that let a plan's authority and agent have all of them
#   profiles_agents HOME          agent-1.pem, and a second agent, with the first one's approval
#   profiles_arguments NAME       sets ARGUMENTS: what "ca issue" wants to know for this profile
#   profiles_approve HOME NAME    sets GIVEN: the approvals that it wants, signed by the openssl command; NAME.csr is there
#   request NAME                  NAME.key, NAME.csr

PROFILES=$(sed -n 's/^  - name: //p' "$SOURCE"/packs/*/profiles.yaml | grep -v -e '^root$' -e '^issuing$')
PROFILES_LIST=$(tr '\n' ',' <<<"$PROFILES" | sed 's/,$//; s/,/, /g')

profiles_edit() {
    printf '/^    profiles: .ocsp/,/\\]$/c\\    profiles: [%s]\n/^  profiles: .agent/,/\\]$/c\\  profiles: [%s]\n' \
        "$PROFILES_LIST" "$PROFILES_LIST"
}

request() { openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -subj /CN=x -out "$1.csr" 2>/dev/null; }

profiles_agents() { # home
    openssl pkcs12 -in "$1/agente.p12" -passin "file:$1/agente.password" -nodes -out agent-1.pem 2>/dev/null
    request agent-2
    "$REFRENDA" ca issue --home "$1" --profile agent --attribute c=PE --attribute "o=Entidad Inventada" --attribute sn=SEGUNDO \
        --attribute givenName=BLAS --attribute serialNumber=IDCPE-00000001 --attribute "cn=BLAS SEGUNDO (DEMO)" \
        --request agent-2.csr --p12 "$1/agente.p12" --pass-file "$1/agente.password" -o agent-2.crt &&
        "$REFRENDA" ca register --home "$1" agent blas agent-2.crt --profile "${PROFILES_LIST//, /,}"
}

profiles_value() { # attribute prefix
    case $1 in
    c) echo PE ;; serialNumber) echo "${2:-IDCPE-}00000077" ;; organizationIdentifier) echo "${2:-VATPE-}00000000077" ;;
    sn) echo "QUISPE ÑAHUI" ;; givenName) echo ANA ;; cn) echo "ANA QUISPE ÑAHUI (DEMO)" ;; *) echo "Ejemplo de $1" ;;
    esac
}

# Prints the attributes of a profile that are not fixed, as "attribute prefix".
profiles_attributes() {
    awk -v name="$1" '
        $1 == "-" && $2 == "name:" { on = $3 == name }
        on && /attribute:/ && !/fixed:/ {
            a = $0; sub(/.*attribute: /, "", a); sub(/[,}].*/, "", a)
            p = ""; if (/prefix:/) { p = $0; sub(/.*prefix: /, "", p); sub(/}.*/, "", p) }
            print a, p }' "$SOURCE"/packs/*/profiles.yaml
}

profiles_field() { # name field
    awk -v name="$1" -v field="$2:" '$1 == "-" && $2 == "name:" { on = $3 == name } on && $1 == field { $1 = ""; print substr($0, 2) }' \
        "$SOURCE"/packs/*/profiles.yaml
}

profiles_arguments() { # name
    ARGUMENTS=(--profile "$1")
    local attribute prefix
    while read -r attribute prefix; do
        ARGUMENTS+=(--attribute "$attribute=$(profiles_value "$attribute" "$prefix")")
    done < <(profiles_attributes "$1")
    case $(profiles_field "$1" names) in
    *mail*) ARGUMENTS+=(--mail ana@entidad.example) ;;
    *hosts*) ARGUMENTS+=(--host "$1.example") ;;
    esac
}

profiles_approve() { # home name
    local approvals n signer
    approvals=$(profiles_field "$2" approvals)
    GIVEN=()
    [ -n "$approvals" ] || return 0
    "$REFRENDA" ca issue --home "$1" "${ARGUMENTS[@]}" --request "$2.csr" --write-approval "$2.txt" >"$LOG" 2>&1
    for n in $(seq "$approvals"); do
        signer=(-signer agent-1.pem)
        [ "$n" = 2 ] && signer=(-signer agent-2.crt -inkey agent-2.key)
        openssl cms -sign -binary -nodetach -outform DER -md sha256 "${signer[@]}" -in "$2.txt" -out "$2-$n.der" 2>>"$LOG"
        GIVEN+=(--approval "$2-$n.der")
    done
}
