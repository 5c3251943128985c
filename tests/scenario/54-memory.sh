#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Passwords, PINs, codes, secrets and tokens that come and go: after each answer the memory of all processes of a real server is
# searched for them. tests/unit/test_http_secrets.c does the same to the HTTP listener alone, and needs no rights for it.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"

[ "$(id -u)" = 0 ] || skip_all "only root may look into the memory of the server's processes"
case $(nm -D "$BUILD/refrendad" 2>/dev/null) in
*__asan_init* | *__tsan_init*) skip_all "sanitizers keep memory that was freed" ;;
esac
HOME_DIR=$WORK/authority

found() {
    authority_init "$HOME_DIR" || return 1
    read -r WEB_PORT < <(free_ports 1)
    printf 'web:\n  listen: ["127.0.0.1:%s"]\n  url: "http://localhost:%s"\n  demo: true\n  argon_kib: 8192\n  argon_passes: 1\ncentral:\n  explicit: true\n  argon_kib: 8192\n  argon_passes: 1\n' \
        "$WEB_PORT" "$WEB_PORT" >>"$HOME_DIR/refrenda.yaml"
    local first=(--p12 "$HOME_DIR/agente.p12" --pass-file "$HOME_DIR/agente.password")
    printf 'demostracion\n' >password
    "$REFRENDA" ca issue --home "$HOME_DIR" --profile agent --attribute c=PE --attribute o=Entidad --attribute "title=Agente" \
        --attribute "sn=POSTULADA RIVAS" --attribute givenName=WANDA --attribute serialNumber=IDCPE-00000121 --attribute "cn=WANDA POSTULADA" \
        --mail agente-2@entidad.example --new-key P-256 --new-pass-file password "${first[@]}" -o agente-2.p12 --quiet || return 1
    openssl pkcs12 -in agente-2.p12 -passin file:password -nokeys -clcerts -out agente-2.pem 2>/dev/null
    "$REFRENDA" ca register agent agente-2 agente-2.pem --home "$HOME_DIR" --profile pe-natural-person,pe-legal-person-seal &&
        "$REFRENDA" demo fill --home "$HOME_DIR" "${first[@]}" &&
        "$REFRENDA" demo seal --home "$HOME_DIR" "${first[@]}" --second-p12 agente-2.p12 --second-pass-file password >seal.txt
}
check "an installation with a seal, and a portal that may use it" found
sed -n 's/^secret: //p' seal.txt >secret
sed -n 's/^pin: //p' seal.txt >pin
check "the server starts" authority_start "$HOME_DIR"
forgets() {
    timeout 600 "$SOURCE/tests/support/memory_secrets.py" "http://localhost:$WEB_PORT" "$AUTHORITY" "$HOME_DIR/demo-accounts.csv" secret pin
}
check "no password, PIN, code, secret or token stays after its answer" forgets
finish
