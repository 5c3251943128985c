#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# refrenda sign --csc against a service that was written from the standard alone (tests/support/csc_server.py): both
# versions, every way in, several documents at once; and services that misbehave.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

have curl || skip_all "needs curl"
demo_pki
for i in 1 2 3; do "$SOURCE/scripts/demo-document.py" in$i.pdf; printf '%% %s\n' $i >>in$i.pdf; done
cat "$PKI/signer.pem" "$PKI/issuing.pem" >rsa.pem
cat "$PKI/signer-p256.pem" "$PKI/issuing.pem" >p256.pem
printf 'un secreto\n' >secret
printf '246813\n' >pin
printf '135791\n' >otp
printf '000000\n' >wrong-pin

# service [OPTION]...: another one; sets CSC (its address) and SERVICE (its folder).
service() {
    SERVICE=$WORK/service-$((++SERVICES))
    mkdir "$SERVICE"
    "$SOURCE/tests/support/csc_server.py" "$SERVICE" --key "${KEY:-$PKI/signer.key}" --chain "${CHAIN:-$WORK/rsa.pem}" "$@" 2>"$SERVICE/errors" &
    SERVERS+=($!)
    eventually test -s "$SERVICE/port"
    PORT=$(cat "$SERVICE/port")
    CSC=http://127.0.0.1:$PORT/csc/v1
    case " $* " in *" --version 2 "*) CSC=http://127.0.0.1:$PORT/csc/v2 ;; esac
}
SERVICES=0
sign() { rm -rf out; timeout 120 "$REFRENDA" sign --csc "$CSC" --csc-client cliente --csc-secret-file secret "$@"; }
one() { sign in1.pdf -o out.pdf -f --csc-pin-file pin "$@"; }
verifies() { local f; for f in "$@"; do "$REFRENDA" verify "$f" --trust "$PKI/root.pem" --offline || return 1; done; }
signed() { # name option...
    local name=$1
    shift
    rm -f out.pdf
    check "$name" one "$@"
    check "$name: verifies" verifies out.pdf
}
nothing_left() { test -z "$(find . -maxdepth 2 -name '*.part')"; }
no_secret_in_addresses() { ! grep -rE '246813|135791|un(\+|%20| )secreto|000000' "$WORK"/service-*/requests; }

# ---- Ways ----

for version in 1 2; do
    service --version $version
    signed "version $version: client credentials and PIN"
    service --version $version --ways basic --proofs both
    signed "version $version: auth/login, PIN and code" --csc-otp-file otp
    check "version $version: the code was asked for" grep -qE 'sendOTP|getChallenge' "$SERVICE/requests"
    service --version $version --plain
    signed "version $version: a key whose algorithm does not name the digest"
    KEY=$PKI/signer-p256.key CHAIN=$WORK/p256.pem service --version $version
    signed "version $version: an elliptic curve"
    KEY=$PKI/signer-p256.key CHAIN=$WORK/p256.pem service --version $version
    signed "version $version: an elliptic curve, whatever was wished for RSA" --pss
    service --version $version
    signed "version $version: RSASSA-PSS" --pss
    signed "version $version: SHA-512, level B-LT" --digest sha512 --level B-LT --tsa "$URL/tsa" --trust "$PKI/root.pem"
done
check "pdfsig believes it" bash -c '! command -v pdfsig >/dev/null || pdfsig -nocert out.pdf | grep -q "Signature is Valid"'
service --version 2 --polls 2
signed "version 2: somebody agrees elsewhere, meanwhile it is asked again"
service --version 2 --issuer
CSC=http://127.0.0.1:$PORT signed "the service's address alone, and metadata of its issuer"
ROOT=$CSC
service --version 2 --issuer --wrong no-authorize
signed "an issuer who has no people in browsers"
service --version 2 --issuer --ways oauth2code --wrong no-authorize
check_status 3 "one who has, and does not say where" one
for base in "" --issuer; do
    service --version 2 --ways oauth2client $base
    rm -f out.pdf
    check_status 64 "client credentials ${base:+of an issuer }without a secret: no browser is opened, it is asked for" \
        timeout 120 setsid -w "$REFRENDA" sign --csc "$CSC" --csc-client cliente --csc-pin-file pin in1.pdf -o out.pdf
    check_log "--csc-secret-file" "and how to bring it is told"
done
service --version 1
CSC=http://127.0.0.1:$PORT/ signed "the same, with version 1"
service --version 1 --ways external
ROOT=$(curl -s -m 60 "http://127.0.0.1:$PORT/csc/v1/info" -H 'Content-Type: application/json' -d '{}')
check "info is there" grep -q 1.0.4.0 <<<"$ROOT"
check_status 1 "no way in" one
printf 'nothing\n' >token
check_status 3 "a token that nobody gave" "$REFRENDA" sign --csc "$CSC" --csc-token-file token --csc-pin-file pin in1.pdf -o out.pdf -f

printf 'no token\n' >token
check_status 3 "a token that is none" "$REFRENDA" sign --csc "$CSC" --csc-token-file token --csc-pin-file pin in1.pdf -o out.pdf -f
curl -s -m 60 "http://127.0.0.1:$PORT/oauth2/token" -d 'grant_type=client_credentials&client_id=cliente&client_secret=un+secreto' | python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])' >token
check "a token that was had elsewhere" "$REFRENDA" sign --csc "$CSC" --csc-token-file token --csc-pin-file pin in1.pdf -o out.pdf -f

# ---- Several documents ----

service --version 2 --multisign 2
check "three documents, of which two go at once" sign in1.pdf in2.pdf in3.pdf --out-dir out --csc-pin-file pin
check "three: verify" verifies out/in1.pdf out/in2.pdf out/in3.pdf
authorisations() { test "$(grep -c credentials/authorize "$SERVICE/requests")" = "$1"; }
check "three: authorised twice" authorisations 2
printf 'no PDF' >none.pdf
check_status 1 "one that cannot be signed" sign in1.pdf none.pdf in2.pdf --out-dir out --csc-pin-file pin
check "does not stop the others" verifies out/in1.pdf out/in2.pdf
check "and is not there" test ! -e out/none.pdf
check "endorse works likewise" timeout 120 "$REFRENDA" endorse --csc "$CSC" --csc-client cliente --csc-secret-file secret --csc-pin-file pin in1.pdf -o out.pdf -f
check_status 5 "what exists is not replaced" sign in1.pdf -o out.pdf --csc-pin-file pin

# ---- The browser ----

asked_times() { [ "$(grep -ac '/oauth2/authorize?' asked)" -ge "$1" ]; }
agree() { # follows the address that was printed, as a browser does
    local address
    eventually asked_times "$1"
    address=$(grep -a '/oauth2/authorize?' asked | sed -n "$1p")
    curl -s -m 60 -L "$address"
}
browse() { # times option...
    local times=$1 i
    shift
    : >asked
    timeout 120 "$REFRENDA" sign --csc "$CSC" --csc-client cliente "$@" in1.pdf in2.pdf --out-dir out -f 2>asked >said &
    local pid=$!
    for i in $(seq "$times"); do agree "$i"; echo; done
    wait $pid
    local status=$?
    cat asked said
    return $status
}
for version in 1 2; do
    rm -rf out
    service --version $version --ways oauth2code --mode oauth2code
    check "version $version: in the browser, twice" browse 2
    check_log "You can close this window" "version $version: and it is told so"
    check "version $version: verifies" verifies out/in1.pdf out/in2.pdf
done
service --version 2 --ways oauth2code,oauth2client --mode oauth2code
check "the client's own token, and the browser once" browse 1 --csc-secret-file secret
service --version 2 --ways oauth2code --mode oauth2code --wrong deny
check_status 1 "who does not agree" browse 1
service --version 2 --ways oauth2code,oauth2client --mode oauth2code --multisign 1 --wrong deny
check_status 1 "who does not agree to the first of two" browse 1 --csc-secret-file secret
consents() { test "$(grep -c '/oauth2/authorize?' "$SERVICE/requests")" = "$1"; }
check "is not asked for the second" consents 1
service --version 2 --ways oauth2code --mode oauth2code
check_status 64 "a way back with one slash" timeout 60 "$REFRENDA" sign --csc "$CSC" --csc-client cliente --csc-redirect http:/localhost:8080/ in1.pdf -o out.pdf
check_status 64 "with three" timeout 60 "$REFRENDA" sign --csc "$CSC" --csc-client cliente --csc-redirect http:///localhost:8080/ in1.pdf -o out.pdf
service --version 2 --ways oauth2code --mode oauth2code --wrong state
stranger() {
    : >asked
    timeout 120 "$REFRENDA" sign --csc "$CSC" --csc-client cliente in1.pdf in2.pdf --out-dir out -f 2>asked >said &
    local pid=$!
    agree 1
    sleep 1 # it might go on with that
    kill $pid 2>/dev/null
    wait $pid
    ! grep -q "Signed" said
}
check "an answer that is not ours is not taken" stranger
typed() { # reads the address where the browser ended
    mkfifo answers
    timeout 120 "$REFRENDA" sign --csc "$CSC" --csc-client cliente --csc-no-browser in1.pdf -o out.pdf -f <answers 2>asked &
    local pid=$!
    exec 9>answers
    eventually asked_times 1
    curl -s -m 60 -o /dev/null -w '%{redirect_url}\n' "$(grep -a '/oauth2/authorize?' asked | tail -1)" >&9
    eventually asked_times 2
    curl -s -m 60 -o /dev/null -w '%{redirect_url}\n' "$(grep -a '/oauth2/authorize?' asked | tail -1)" >&9
    exec 9>&-
    wait $pid
}
service --version 1 --ways oauth2code --mode oauth2code
check "without a browser: the address is typed" typed
check "and verifies" verifies out.pdf

# ---- What is refused ----

refused() { # status text name option...
    local status=$1 text=$2 name=$3
    shift 3
    rm -f out.pdf
    check_status "$status" "$name" one "$@"
    check_log "$text" "$name: is told"
    check "$name: nothing is written" test ! -e out.pdf
}
service --version 1
refused 2 "signing password is wrong" "a wrong PIN" --csc-pin-file wrong-pin
refused 3 "refused" "a wrong secret" --csc-secret-file wrong-pin
check_status 64 "an address with one slash" "$REFRENDA" sign --csc https:/sign.example/csc/v1 --csc-client a in1.pdf -o out.pdf
for version in 1 2; do
    service --version $version --multisign 1
    check_status 1 "version $version: three documents, one at a time, with a wrong PIN" sign in1.pdf in2.pdf in3.pdf --out-dir out --csc-pin-file wrong-pin
    check "version $version: each of them is told" test "$(grep -c 'signing password is wrong' "$LOG")" = 3
    check "version $version: the PIN is tried once" authorisations 1
done
refused 3 "Invalid parameter credentialID" "a credential that is not there" --csc-credential OTHER
refused 64 "another key" "another key as well" --p12 nothing.p12
check_status 64 "http to another machine" "$REFRENDA" sign --csc http://sign.example/csc/v1 --csc-client a in1.pdf -o out.pdf
check_status 64 "a password in the address" "$REFRENDA" sign --csc https://a:geheim@sign.example/csc/v1 --csc-client a in1.pdf -o out.pdf
check "is not repeated" bash -c "! grep -q geheim '$LOG'"
check_status 3 "nobody there" "$REFRENDA" sign --csc http://127.0.0.1:1/csc/v1 --csc-client a --csc-secret-file secret in1.pdf -o out.pdf
service --version 2 --credentials 2
refused 64 "choose by --csc-credential" "two credentials"
signed "of which one is chosen" --csc-credential CRED-1
service --version 2 --credentials 0
check_status 1 "no credential" one
service --version 2 --proofs both
refused 2 "code is wrong" "a wrong code" --csc-otp-file wrong-pin
for wrong in signature few many huge html redirect error twice; do
    service --version $((RANDOM % 2 + 1)) --wrong $wrong
    refused 3 "answer is not valid" "a service that answers with: $wrong"
done
service --version 1 --wrong order
check_status 1 "signatures in another order" sign in1.pdf in2.pdf --out-dir out --csc-pin-file pin
check "none of them is written" bash -c '! ls out/*.pdf'
service --version 2 --wrong issuer-slash --issuer
refused 3 "oauth2Issuer" "an issuer with one slash"
for wrong in certificate issuer; do
    service --version 2 --wrong $wrong --issuer
    check "a service with another: $wrong" bash -c '! timeout 120 "$@"' _ "$REFRENDA" sign --csc "$CSC" --csc-client cliente --csc-secret-file secret --csc-pin-file pin in1.pdf -o other.pdf
    check "nothing is written" test ! -e other.pdf
done
service --version 1 --wrong info-html
check_status 3 "a page in place of info" one
service --version 1 --wrong info-redirect
check_status 3 "sent elsewhere" one
service --version 1 --wrong token
check_status 3 "a token that ends a header's line" one
service --version 1 --wrong locked
refused 2 "is locked" "a locked PIN"
service --version 1 --wrong disabled
refused 2 "disabled" "a disabled key"
service --version 1 --wrong revoked
refused 2 "revoked" "a revoked certificate"

# ---- TLS ----

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tls.key -out tls.pem -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
service --version 2 --tls "$WORK/tls.pem" "$WORK/tls.key" --host localhost
CSC=https://localhost:$PORT/csc/v2
signed "over TLS" --csc-authorities tls.pem
refused 3 "cannot be reached" "over TLS to whom nobody trusts"
CSC=https://127.0.0.1:$PORT/csc/v2
refused 3 "cannot be reached" "over TLS to another name" --csc-authorities tls.pem

check "no secret was in an address" no_secret_in_addresses
check "no half-made files are left" nothing_left
check "services found nothing to complain of" bash -c '! grep -l Traceback "$WORK"/service-*/errors'
finish
