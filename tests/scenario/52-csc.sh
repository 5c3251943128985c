#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Our own CSC API as others use it: the whole server with a seal of an entity, and a portal that may use it, signing by
# refrenda sign --csc; what it refuses; and what is left when the server is killed in between.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"

have curl || skip_all "needs curl"
HOME_DIR=$WORK/authority
DEMO=$WORK/demo
mkdir -p "$DEMO"

found() {
    authority_init "$HOME_DIR" || return 1
    read -r WEB_PORT < <(free_ports 1)
    printf 'web:\n  listen: ["127.0.0.1:%s"]\n  url: "http://localhost:%s"\n  demo: true\n  argon_kib: 8192\n  argon_passes: 1\ncentral:\n  explicit: true\n  argon_kib: 8192\n  argon_passes: 1\n' \
        "$WEB_PORT" "$WEB_PORT" >>"$HOME_DIR/refrenda.yaml"
    coproc PERSON { "$SOURCE/tests/support/csc_person.py" "$HOME_DIR" "$WEB_PORT" 2>"$WORK/person.log"; }
    sed '/^$/q' <&"${PERSON[0]}" >>"$HOME_DIR/refrenda.yaml"
    printf 'demostracion\n' >"$DEMO/password"
    "$REFRENDA" ca issue --home "$HOME_DIR" --profile agent --attribute c=PE --attribute o=Entidad --attribute "title=Agente" \
        --attribute "sn=POSTULADA RIVAS" --attribute givenName=WANDA --attribute serialNumber=IDCPE-00000121 --attribute "cn=WANDA POSTULADA" \
        --mail agente-2@entidad.example --new-key P-256 --new-pass-file "$DEMO/password" --p12 "$HOME_DIR/agente.p12" \
        --pass-file "$HOME_DIR/agente.password" -o "$DEMO/agente-2.p12" --quiet || return 1
    openssl pkcs12 -in "$DEMO/agente-2.p12" -passin "file:$DEMO/password" -nokeys -clcerts -out "$DEMO/agente-2.pem" 2>/dev/null
    "$REFRENDA" ca register agent agente-2 "$DEMO/agente-2.pem" --home "$HOME_DIR" --profile pe-natural-person,pe-legal-person-seal &&
        "$REFRENDA" demo fill --home "$HOME_DIR" --p12 "$HOME_DIR/agente.p12" --pass-file "$HOME_DIR/agente.password" &&
        "$REFRENDA" demo seal --home "$HOME_DIR" --p12 "$HOME_DIR/agente.p12" --pass-file "$HOME_DIR/agente.password" \
            --second-p12 "$DEMO/agente-2.p12" --second-pass-file "$DEMO/password" >"$DEMO/sede.txt"
}
another() { # that signs with a code, too
    "$REFRENDA" demo seal --home "$HOME_DIR" --p12 "$HOME_DIR/agente.p12" --pass-file "$HOME_DIR/agente.password" \
        --second-p12 "$DEMO/agente-2.p12" --second-pass-file "$DEMO/password" --seal-code >"$DEMO/seal-code.txt"
}
check "an installation with a seal, and a portal that may use it" found
grep -q '^secret: ' "$DEMO/sede.txt" || finish
sed -n 's/^secret: //p' "$DEMO/sede.txt" >secret
PIN=$(sed -n 's/^[Pp][Ii][Nn]: //p' "$DEMO/sede.txt")
printf '%s\n' "${PIN:-Sello-de-muestra-26}" >pin
printf 'otra cosa 1\n' >wrong
ROOT=$(ls "$HOME_DIR"/public/raiz.pem)
for i in 1 2 3 4 5; do "$SOURCE/scripts/demo-document.py" in$i.pdf; printf '%% %s\n' $i >>in$i.pdf; done

check "the server starts" authority_start "$HOME_DIR"
V1=http://localhost:$WEB_PORT/csc/v1
V2=http://localhost:$WEB_PORT/csc/v2
sign() { timeout 240 "$REFRENDA" sign --csc "$CSC" --csc-client sede-demo --csc-secret-file secret --csc-pin-file pin "$@"; }
verifies() { "$REFRENDA" verify "$1" --trust "$ROOT"; }

for CSC in "$V1" "$V2"; do
    version=${CSC##*/}
    rm -rf out
    check "$version: five documents in one authorisation" sign in1.pdf in2.pdf in3.pdf in4.pdf in5.pdf --out-dir out
    check_says "TOTAL-PASSED" "$version: verifies" verifies out/in3.pdf
    check "$version: pdfsig believes it" bash -c '! command -v pdfsig >/dev/null || pdfsig -nocert out/in5.pdf | grep -q "Signature is Valid"'
    check_status 2 "$version: a wrong PIN" timeout 240 "$REFRENDA" sign --csc "$CSC" --csc-client sede-demo --csc-secret-file secret --csc-pin-file wrong in1.pdf -o wrong.pdf
    check "$version: nothing is written" test ! -e wrong.pdf
    check_status 3 "$version: a wrong secret" timeout 240 "$REFRENDA" sign --csc "$CSC" --csc-client sede-demo --csc-secret-file wrong --csc-pin-file pin in1.pdf -o wrong.pdf
    check "$version: a right one makes up for it" sign in1.pdf -o good.pdf -f
done

# ---- A person's credential, whose owner agrees on our own pages ----

person() { # command: what is answered
    local answer
    [ -n "${PERSON_PID:-}" ] || return 1
    echo "$*" >&"${PERSON[1]}"
    read -r -t 240 answer <&"${PERSON[0]}" && echo "$answer"
}
asked_times() { [ "$(grep -ac '/oauth2/authorize?' asked)" -ge "$1" ]; }
asks() { # the address of the n-th time
    eventually asked_times "$1" >/dev/null
    grep -a '/oauth2/authorize?' asked | sed -n "$1p"
}
agreed() { # output...
    mkfifo answers
    : >asked
    timeout 400 "$REFRENDA" sign --csc "$CSC" --csc-client sede-demo --csc-secret-file secret --csc-browser --csc-no-browser \
        --csc-redirect http://localhost:9080/vuelta in1.pdf in2.pdf --out-dir "$1" <answers 2>asked &
    local pid=$!
    exec 9>answers
    person "agree $(asks 1)" >&9
    person "agree $(asks 2)" >&9
    exec 9>&-
    wait $pid
    local status=$?
    rm answers
    grep -av oauth2 asked
    return $status
}
if have node; then
    check_says made "a citizen is enrolled, and makes a key" person enrol
    for CSC in "$V1" "$V2"; do
        check "${CSC##*/}: she agrees twice: to be seen, and to sign two documents" agreed "person-${CSC##*/}"
        check_says "TOTAL-PASSED" "${CSC##*/}: verifies" verifies "person-${CSC##*/}/in2.pdf"
        check_log "ANA PRUEBA" "${CSC##*/}: it is hers"
    done
else
    skip "a person's credential: needs node"
fi

# ---- By hand, as a program that is not ours ----

post() { curl -s -m 60 -H 'Content-Type: application/json' -H "Authorization: Bearer $TOKEN" "$CSC/$1" -d "$2"; }
member() { python3 -c 'import json, sys; v = json.load(sys.stdin); print(eval(sys.argv[1], {"v": v}))' "$1"; }
CSC=$V1
TOKEN=$(curl -s -m 60 "http://localhost:$WEB_PORT/csc/v1/oauth2/token" -d grant_type=client_credentials -d client_id=sede-demo --data-urlencode "client_secret=$(cat secret)" -d scope=service | member 'v["access_token"]')
ID=$(post credentials/list '{}' | member 'v["credentialIDs"][0]')
check "a token and a credential" test -n "$TOKEN" -a -n "$ID"
hash() { printf '%s' "$1" | openssl dgst -sha256 -binary | base64 -w0; }
authorise() { post credentials/authorize "{\"credentialID\":\"$ID\",\"numSignatures\":1,\"hash\":[\"$(hash "$1")\"],\"PIN\":\"$(cat pin)\"}" | member 'v["SAD"]'; }
sign_hash() { post signatures/signHash "{\"credentialID\":\"$ID\",\"SAD\":\"$1\",\"hash\":[\"$(hash "$2")\"],\"hashAlgo\":\"2.16.840.1.101.3.4.2.1\",\"signAlgo\":\"1.2.840.113549.1.1.11\"}"; }
post credentials/info "{\"credentialID\":\"$ID\",\"certificates\":\"single\"}" | member 'v["cert"]["certificates"][0]' | base64 -d | openssl x509 -inform DER -pubkey -noout >public.pem
SAD=$(authorise "uno")
check_says "not authorized by the SAD" "another hash is not signed" sign_hash "$SAD" "otro"
sign_hash "$SAD" uno | member 'v["signatures"][0]' | base64 -d >signature
printf uno >message
check "openssl verifies a bare signature" openssl dgst -sha256 -verify public.pem -signature signature message
check "a SAD that was used is none" bash -c '! grep -q signatures <<<"$1"' _ "$(sign_hash "$SAD" uno)"
# In the very words of pyHanko's client (credentials/info without certInfo, more than one hash, members in its order).
batch() {
    local one two sad
    one=$(hash tres) two=$(hash cuatro)
    post credentials/info "{\"credentialID\":\"$ID\",\"certificates\":\"chain\",\"certInfo\":false}" |
        member '(v["cert"]["certificates"][0], v["key"]["algo"][0], int(v["multisign"]), int(v.get("SCAL", 1)))' || return 1
    sad=$(post credentials/authorize "{\"credentialID\":\"$ID\",\"hash\":[\"$one\",\"$two\"],\"numSignatures\":2,\"PIN\":\"$(cat pin)\",\"clientData\":\"x\"}" |
        member '(v["SAD"], int(v.get("expiresIn", 3600)))[0]') || return 1
    post signatures/signHash "{\"credentialID\":\"$ID\",\"SAD\":\"$sad\",\"hashAlgo\":\"2.16.840.1.101.3.4.2.1\",\"signAlgo\":\"1.2.840.113549.1.1.11\",\"hash\":[\"$two\",\"$one\"]}" |
        member 'v["signatures"][1]' | base64 -d >signature
    printf tres >message
    openssl dgst -sha256 -verify public.pem -signature signature message
}
check "a batch in another client's words" batch

# ---- Whole documents ----

documents() { # folder, more arguments...
    timeout 300 "$SOURCE/tests/support/csc_documents.py" "$V2" "$TOKEN" "$ID" "$(cat pin)" "$@"
}
printf 'cualquier cosa\n' >anything
printf 'otra cosa\n' >else
check_says "signed" "whole documents, and octets of any kind, in one request" documents whole P:Revision:Ades-B-B:in1.pdf \
    C:Detached:Ades-B-B:anything P:Certification:Ades-B-B:in2.pdf C:Attached:Ades-B-B:else
for i in 1 3; do
    check_says "TOTAL-PASSED" "document $i verifies" verifies whole/$i
    check "document $i: pdfsig believes it" bash -c '! command -v pdfsig >/dev/null || pdfsig -nocert "$1" | grep -q "Signature is Valid"' _ whole/$i
done
check "openssl verifies a detached signature" openssl cms -verify -binary -inform DER -in whole/2 -content anything -CAfile "$ROOT" -purpose any -out /dev/null
check "and one with the octets inside" openssl cms -verify -binary -inform DER -in whole/4 -CAfile "$ROOT" -purpose any -out inside
check "which are those" cmp inside else
check_says "signed" "later, by signPolling" documents later --later P:Revision:Ades-B-B:in3.pdf
check_says "TOTAL-PASSED" "and it verifies" verifies later/1
large() { # a page of 3 MB
    python3 - "$1" <<'END'
import sys
content = b"% nothing\n" * 300000
parts = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
         b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R >>", b"<< /Length %d >>\nstream\n%sendstream" % (len(content), content)]
out, offsets = b"%PDF-1.7\n", []
for n, part in enumerate(parts, 1):
    offsets.append(len(out))
    out += b"%d 0 obj\n%s\nendobj\n" % (n, part)
start = len(out)
out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % o for o in offsets)
open(sys.argv[1], "wb").write(out + b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start)
END
}
check "a large document" large large.pdf
check_says "signed" "is signed" documents large P:Revision:Ades-B-B:large.pdf
check_says "TOTAL-PASSED" "and verifies" verifies large/1
LEVELS=$(curl -s -m 60 "$V2/info" | member '" ".join(v["conformance_levels"])')
if [[ $LEVELS == *Ades-B-LTA* ]]; then
    check_says "signed" "all levels" documents levels --validation P:Revision:Ades-B-T:in1.pdf P:Revision:Ades-B-LT:in2.pdf \
        P:Revision:Ades-B-LTA:in3.pdf C:Detached:Ades-B-T:anything
    SAID=$(grep certificates= "$LOG")
    check "with what they are validated by" bash -c '[[ $1 == *=[1-9]*certificates=[1-9]* ]]' _ "$SAID"
    for i in 1 2 3; do check_says "TOTAL-PASSED" "level $i verifies" verifies levels/$i; done
else
    skip "levels with time: there is no time-stamp service"
fi

SAD=$(authorise "dos")
kill -KILL "$(authority_child personal)" # alone: the supervisor starts another one
signs_again() { eventually sign in1.pdf -o again.pdf -f; }
check "the personal keeper was killed, and signs again" signs_again
check "what was authorised before is gone" bash -c '! grep -q signatures <<<"$1"' _ "$(sign_hash "$SAD" dos)"
authority_stop
check "another seal, which wants a code" another
check "the server starts again" authority_start "$HOME_DIR"
CSC=$V2
check "and it signs" sign --csc-credential "$ID" in1.pdf -o after.pdf

# ---- A seal that wants a code, too ----

CODED=$(sed -n 's/^credential: //p' "$DEMO/seal-code.txt")
ask_code() { post credentials/getChallenge "{\"credentialID\":\"$CODED\",\"authObjectID\":\"OTP\"}"; }
with_code() { # folder, code
    ID=$CODED documents "$1" --code "$2" P:Revision:Ades-B-B:in4.pdf
}
CSC=$V2
check_says "PIN AND OTP" "the other seal wants a code" post credentials/info "{\"credentialID\":\"$CODED\",\"authInfo\":true}"
check "which comes to a telephone, and nowhere else" test -z "$(ask_code)"
CODE=$(person code)
check_says "signed" "it signs with PIN and code" with_code coded "$CODE"
check_says "TOTAL-PASSED" "and that verifies" verifies coded/1
check_says "authentication data is invalid" "the same code again" with_code again "$CODE"
CSC=$V1
check "1.0.4: sendOTP" test -z "$(post credentials/sendOTP "{\"credentialID\":\"$CODED\"}")"
CODE=$(person code)
with_otp() { post credentials/authorize "{\"credentialID\":\"$CODED\",\"numSignatures\":1,\"hash\":[\"$(hash seis)\"],\"PIN\":\"$(cat pin)\",\"OTP\":\"$1\"}"; }
check_says '"SAD"' "1.0.4: PIN and OTP" with_otp "$CODE"
check_says "The OTP is invalid" "1.0.4: the same code again" with_otp "$CODE"
no_secret() { ! grep -rqF -e "$(cat secret)" -e "$(cat pin)" "$HOME_DIR"/*.log "$HOME_DIR"/*/*.log 2>/dev/null; }
check "no log has secret or PIN" no_secret
authority_stop
[ -z "${PERSON_PID:-}" ] || kill "$PERSON_PID" 2>/dev/null
check "no database has the PIN" bash -c '! grep -rqaF -e "$(cat pin)" "$1/data"' _ "$HOME_DIR"
finish
