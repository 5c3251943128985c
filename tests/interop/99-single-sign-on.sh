#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Single sign-on with a program that knows nothing of ours: Apache with mod_auth_openidc as the relying party, curl as
# the browser; then what a wrong or hostile program is told; and the identity token as another implementation sees it.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"
. "$SOURCE/tests/support/web.sh"

MODULES=/usr/lib/apache2/modules
[ -x "$BUILD/refrendad" ] || skip_all "no refrendad in this build"
have apache2 curl openssl python3 node || skip_all "no apache2, curl, openssl, python3 or node"
[ -f "$MODULES/mod_auth_openidc.so" ] || skip_all "no mod_auth_openidc"

# ---- The provider, over TLS ----

check "an authority is made" authority_init home
check "the invented administration moves in" "$REFRENDA" demo fill --home home
web_settings home '  demo: true
  certificate: tls/registration.pem
  key: tls/registration.key
'
sed -i 's|http://localhost:|https://localhost:|' home/refrenda.yaml
WEB_URL=${WEB_URL/http:/https:}
cat home/public/raiz.pem home/public/emisora-1.pem >authorities.pem
export CURL_CA_BUNDLE=$WORK/authorities.pem
check "the server starts" authority_start home

person() { # title: sets CODE and PASSWORD
    IFS=, read -r CODE PASSWORD _ < <(grep -F -- "$1" home/demo-accounts.csv | head -n 1)
}
visible() { sed 's/<[^>]*>/ /g' "$WORK/body"; }
field_of() { sed -n "s/.*name=\"$1\" value=\"\([^\"]*\)\".*/\1/p" "$WORK/body" | head -n 1 | sed 's/&amp;/\&/g; s/&#[xX]3[dD];/=/g; s/&#61;/=/g'; }
sign_in() { # title [path to come back to]: as a person does, with the page's own fields
    person "$1"
    answers 200 GET "${2:-/acceso}" || return 1
    send_sign_in "$PASSWORD"
}
send_sign_in() { # password
    answers 303 POST /acceso --data-urlencode "csrf=$(page_token)" --data-urlencode "volver=$(field_of volver)" \
        --data-urlencode "usuario=$CODE" --data-urlencode "clave=$1"
}

# ---- The administrator registers programs ----

register() { # client_id confidential|public: sets SECRET
    answers 200 GET /administracion/programas/nuevo || return 1
    local more=()
    [ "$2" = public ] || more=(-d confidential=1)
    answers 200 POST /administracion/programas/nuevo --data-urlencode "csrf=$(page_token)" -d "client_id=$1" \
        --data-urlencode "name=Programa inventado" -d enabled=1 -d roles=1 \
        --data-urlencode "redirects=$PROGRAM/secreto/vuelta" --data-urlencode "logout_redirects=$PROGRAM/fuera.html" "${more[@]}" || return 1
    SECRET=$(sed -n 's|.*client_secret</dt><dd><code>\([^<]*\)<.*|\1|p' body)
    [ -n "$SECRET" ]
}
read -r PROGRAM_PORT < <(free_ports 1)
PROGRAM=http://localhost:$PROGRAM_PORT
check "the administrator signs in" sign_in Administrador
check "and registers a program" register apache confidential
APACHE_SECRET=$SECRET
check "whose secret is shown once" bash -c "! grep -rqF '$APACHE_SECRET' home/data home.log"
check "and another" register otro confidential
OTHER_SECRET=$SECRET
mv cookies admin-cookies

# ---- Apache as the program ----

mkdir -p apache/htdocs/secreto
chmod 755 "$WORK" apache apache/htdocs apache/htdocs/secreto
cat >apache/htdocs/secreto/index.html <<'HTML'
code=<!--#echo var="REMOTE_USER" -->
sub=<!--#echo var="OIDC_CLAIM_sub" -->
name=<!--#echo var="OIDC_CLAIM_name" -->
email=<!--#echo var="OIDC_CLAIM_email" -->
acr=<!--#echo var="OIDC_CLAIM_acr" -->
roles=<!--#echo var="OIDC_CLAIM_roles" -->
auth_time=<!--#echo var="OIDC_CLAIM_auth_time" -->
HTML
echo fuera >apache/htdocs/fuera.html
cp -r apache/htdocs/secreto apache/htdocs/otra-vez
{
    for module in mpm_event authn_core authz_core authz_user dir include filter auth_openidc; do
        echo "LoadModule ${module}_module $MODULES/mod_$module.so"
    done
    [ "$(id -u)" != 0 ] || printf 'User www-data\nGroup www-data\n'
    cat <<CONFIGURATION
ServerRoot $WORK/apache
ServerName localhost
Listen 127.0.0.1:$PROGRAM_PORT
PidFile $WORK/apache/pid
ErrorLog $WORK/apache/log
LogLevel warn auth_openidc:info
DefaultRuntimeDir $WORK/apache
DocumentRoot $WORK/apache/htdocs
TypesConfig /etc/mime.types
AddType text/html .html
DirectoryIndex index.html
<Directory $WORK/apache/htdocs>
  Options +Includes
  SetOutputFilter INCLUDES
  Require all granted
</Directory>
OIDCProviderMetadataURL $WEB_URL/.well-known/openid-configuration
OIDCClientID apache
OIDCClientSecret $APACHE_SECRET
OIDCRedirectURI $PROGRAM/secreto/vuelta
OIDCCryptoPassphrase una-frase-inventada-solo-para-esta-prueba
OIDCPKCEMethod S256
OIDCScope "openid profile email roles"
OIDCCABundlePath $WORK/authorities.pem
OIDCRemoteUserClaim preferred_username
OIDCCookieSameSite On
OIDCHTTPTimeoutShort 60
<Location /secreto>
  AuthType openid-connect
  Require valid-user
</Location>
<Location /otra-vez>
  AuthType openid-connect
  OIDCPathAuthRequestParams prompt=login
  Require valid-user
</Location>
CONFIGURATION
} >apache/httpd.conf
sed -i '/^TypesConfig/d; /^AddType/d' apache/httpd.conf
cp authorities.pem apache/ && chmod 644 authorities.pem
program_start() {
    apache2 -f "$WORK/apache/httpd.conf" -D FOREGROUND &
    SERVERS+=($!)
    eventually curl -s -o /dev/null "$PROGRAM/fuera.html" && return 0
    cat apache/log
    return 1
}
check "Apache starts as the program" program_start

CODE_GIVEN='' TOKEN=''
visit() { # address: GET of any host with the person's cookies, no redirect followed
    curl -s -m 60 -o body -D head -H 'Accept: text/html' -b cookies -c cookies "$1"
}
location() { page_header location; }
path_of() { printf '%s' "${1#"$WEB_URL"}"; }
goes_to() { # status beginning
    [ "$(page_status)" = "$1" ] && case $(location) in "$2"*) true ;; *) cat head; false ;; esac
}
shows() { grep -qF -- "$1" body || { visible; false; }; }

REQUEST='' answer=''
begin() { # path of the program: until our sign-in page
    visit "$PROGRAM$1" && goes_to 302 "$WEB_URL/oidc/autorizar?" || return 1
    REQUEST=$(location)
    visit "$REQUEST"
}
check "whoever asks the program for a page is sent to us" begin /secreto/
check "with state, nonce and a challenge" bash -c "case '$REQUEST' in *state=*nonce=*code_challenge=*code_challenge_method=S256*) ;; *) false ;; esac"
check "and from there to sign in" goes_to 303 /acceso?volver=
finish_sign_in() { # title: from the sign-in page back to the program's page
    person "$1"
    answers 200 GET "$(path_of "$(location)")" && send_sign_in "$PASSWORD" && goes_to 303 "/oidc/autorizar?" &&
        visit "$WEB_URL$(location)" && goes_to 302 "$PROGRAM/secreto/vuelta?code="
}
person Firmante
check "the sign-in page is shown" answers 200 GET "$(path_of "$(location)")"
back=$(field_of volver)
answers 200 POST /acceso --data-urlencode "csrf=$(page_token)" --data-urlencode "volver=$back" -d "usuario=$CODE" -d clave=no-es-esta
check "a wrong password does not lose the way" test "$(field_of volver)" = "$back"
right_one() { send_sign_in "$PASSWORD" && goes_to 303 "/oidc/autorizar?"; }
check "the right one leads back to the request" right_one
visit "$WEB_URL$(location)"
check "and that to the program, with a code" goes_to 302 "$PROGRAM/secreto/vuelta?code="
answer=$(location)
check "the answer says who gave it (RFC 9207)" bash -c "case '$answer' in *iss=https%3A//localhost%3A*) ;; *) echo '$answer'; false ;; esac"
visit "$answer"
check "the program takes the code" goes_to 302 "$PROGRAM/secreto/"
visit "$(location)"
check "and shows its page" test "$(page_status)" = 200
check "to the right person" shows "code=$CODE"
check "with the name" bash -c "grep -q '^name=.* ' body"
check "the mail" bash -c "grep -q '^email=.*@' body"
check "the level" bash -c "grep -qE '^acr=(basic|advanced)' body"
check "the roles" bash -c "grep -q 'signer' body || { cat body; false; }"
check "and the moment of signing in" bash -c "t=\$(sed -n 's/^auth_time=//p' body); [ \$((\$(date +%s) - t)) -lt 600 ]"

check "the same answer once more is not taken" bash -c "curl -s -o /dev/null -w '%{http_code}' -b cookies '$answer' | grep -qvE '^2'"

# ---- A second program, a second time ----

visit_without() { # a browser that has our cookies, but none of the program's
    grep -v "mod_auth_openidc" cookies >ours && mv ours cookies
    visit "$1"
}
visit_without "$PROGRAM/secreto/"
check "whoever is signed in already" goes_to 302 "$WEB_URL/oidc/autorizar?"
visit "$(location)"
check "is sent back at once" goes_to 302 "$PROGRAM/secreto/vuelta?code="

# ---- Signing in again ----

again() {
    grep -v "mod_auth_openidc" cookies >ours && mv ours cookies
    visit "$PROGRAM/otra-vez/" && goes_to 302 "$WEB_URL/oidc/autorizar?" && visit "$(location)" && [ "$(page_status)" = 200 ] &&
        shows 'action="/salir"'
}
check "prompt=login asks who is signed in already" again
check "signs them out" answers 303 POST /salir --data-urlencode "csrf=$(page_token)" --data-urlencode "volver=$(field_of volver)"
check "has them sign in" goes_to 303 "/acceso?volver="
check "and takes them back, once" finish_sign_in Firmante
visit "$(location)"
visit "$(location)"
check "to the page that wanted it" shows "code=$CODE"

# ---- Signing out ----

visit "$PROGRAM/secreto/vuelta?logout=$(python3 -c 'import sys, urllib.parse; print(urllib.parse.quote(sys.argv[1], safe=""))' "$PROGRAM/fuera.html")"
check "signing out of the program leads to us" goes_to 302 "$WEB_URL/oidc/salir?"
visit "$(location)"
check "where the person is asked" shows 'action="/oidc/salir/ahora"'
check "says yes" answers 302 POST /oidc/salir/ahora --data-urlencode "csrf=$(page_token)" --data-urlencode "client_id=$(field_of client_id)" \
    --data-urlencode "address=$(field_of address)" --data-urlencode "state=$(field_of state)"
check "and is back at the program" goes_to 302 "$PROGRAM/fuera.html"
visit "$WEB_URL/cuenta"
check "signed out here" goes_to 303 "/acceso"
visit "$PROGRAM/secreto/"
check "and there" goes_to 302 "$WEB_URL/oidc/autorizar?"
visit "$WEB_URL/oidc/salir?client_id=apache&post_logout_redirect_uri=https%3A%2F%2Fotra.example%2F"
check "an address that was not registered leads nowhere" test "$(page_status)" = 200

# ---- Programs that do not keep to it ----

rm -f cookies
check "a person signs in" sign_in Firmante
VERIFIER=abcdefghijklmnopqrstuvwxyz0123456789-._~ABCDEFG
CHALLENGE=$(printf %s "$VERIFIER" | openssl dgst -sha256 -binary | base64 | tr '+/' '-_' | tr -d '=')
REDIRECT=$PROGRAM/secreto/vuelta
authorize() { # parameters...: changes to a right request, "name=value"
    local all=(client_id=apache "redirect_uri=$REDIRECT" response_type=code 'scope=openid profile email roles' state=estado nonce=n-1
        "code_challenge=$CHALLENGE" code_challenge_method=S256) query
    query=$(python3 -c 'import sys, urllib.parse
fields = {}
for one in sys.argv[1:]:
    name, value = one.split("=", 1)
    fields[name] = value
print(urllib.parse.urlencode({n: v for n, v in fields.items() if v}))' "${all[@]}" "$@")
    visit "$WEB_URL/oidc/autorizar?$query"
}
code_of() { location | sed -n 's/.*[?&]code=\([^&]*\).*/\1/p'; }
# shellcheck disable=SC2120 # its caller is check
new_code() { authorize "$@" && CODE_GIVEN=$(code_of) && [ -n "$CODE_GIVEN" ]; }
redeem() { # status text code [name=value...]
    local status=$1 text=$2 code=$3
    shift 3
    local fields=(grant_type=authorization_code "code=$code" "redirect_uri=$REDIRECT" "code_verifier=$VERIFIER" "$@") data=() one
    declare -A last=()
    for one in "${fields[@]}"; do last[${one%%=*}]=${one#*=}; done
    for one in "${!last[@]}"; do [ -z "${last[$one]}" ] || data+=(--data-urlencode "$one=${last[$one]}"); done
    curl -s -o answer -D head -u "${CLIENT:-apache:$APACHE_SECRET}" "${data[@]}" "$WEB_URL/oidc/token"
    [ "$(page_status)" = "$status" ] && grep -qF -- "$text" answer || {
        cat head answer
        false
    }
}
refused() { # code parameters...
    local wanted=$1
    shift
    authorize "$@"
    goes_to 302 "$REDIRECT?error=$wanted&state=estado&iss=" || { cat head; false; }
}
nowhere() { # parameters...
    authorize "$@"
    [ "$(page_status)" = 400 ] && [ -z "$(location)" ]
}
check "an address that was not registered gets nobody" nowhere redirect_uri=https://otra.example/
check "nor one with more behind it" nowhere "redirect_uri=$REDIRECT/"
check "nor a program that nobody knows" nowhere client_id=nadie
check "an implicit token is not given" refused unsupported_response_type response_type=token
check "nothing without a challenge" refused invalid_request code_challenge= code_challenge_method=
check "nor with a plain one" refused invalid_request code_challenge_method=plain
check "nothing without openid" refused invalid_scope scope=profile
check "prompt=none with others is no request" refused invalid_request 'prompt=none login'
check "request objects are not taken" refused request_not_supported request=e30.e30.
check "nor addresses of them" refused request_uri_not_supported request_uri=https://otra.example/
visit "$WEB_URL/oidc/autorizar?client_id=apache&client_id=apache"
check "parameters twice are refused" test "$(page_status)" = 400

check "prompt=none gives who is signed in a code" new_code prompt=none
check "max_age that is not over, too" new_code max_age=600
sleep 1.1
authorize max_age=0
check "max_age=0 asks again" shows 'action="/salir"'
check "and with prompt=none says so" refused login_required max_age=0 prompt=none
cp cookies kept && rm -f cookies
check "prompt=none for who is not signed in" refused login_required prompt=none
mv kept cookies

new_code
check "a code is redeemed" redeem 200 id_token "$CODE_GIVEN"
TOKEN=$(python3 -c 'import json; print(json.load(open("answer"))["access_token"])')
python3 -c 'import json; print(json.load(open("answer"))["id_token"], end="")' >id_token
userinfo() { curl -s -o answer -D head -H "Authorization: Bearer $1" "$WEB_URL/oidc/persona"; }
userinfo "$TOKEN"
check "userinfo knows the person" bash -c "grep -q '\"preferred_username\":\"$CODE\"' answer"
check "and says nothing of identity numbers" bash -c "! grep -qiE 'number|document|dni' answer"
check "the code once more is refused" redeem 400 invalid_grant "$CODE_GIVEN"
userinfo "$TOKEN"
check "and takes the token back" test "$(page_status)" = 401
new_code
check "with another verifier it is refused" redeem 400 invalid_grant "$CODE_GIVEN" "code_verifier=${VERIFIER}x"
check "and used up" redeem 400 invalid_grant "$CODE_GIVEN"
new_code
check "without a verifier, too" redeem 400 invalid_grant "$CODE_GIVEN" code_verifier=
new_code
check "for another address, too" redeem 400 invalid_grant "$CODE_GIVEN" "redirect_uri=$REDIRECT/"
new_code
CLIENT=otro:$OTHER_SECRET
check "for another program, too" redeem 400 invalid_grant "$CODE_GIVEN"
CLIENT=apache:no-es-este
check "with a wrong secret nothing is" redeem 401 invalid_client "$CODE_GIVEN"
CLIENT=
check "neither was it used up by that" redeem 200 id_token "$CODE_GIVEN"
TOKEN=$(python3 -c 'import json; print(json.load(open("answer"))["access_token"])')
check "another grant is not known" redeem 400 unsupported_grant_type x grant_type=password
check "a token can be given back" bash -c "curl -sf -o /dev/null -d 'token=$TOKEN' '$WEB_URL/oidc/revocar'"
userinfo "$TOKEN"
check "and is none then" test "$(page_status)" = 401

# ---- The identity token as others see it ----

cat >verify.mjs <<'SCRIPT'
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
const [, , tokenFile, keysFile, issuer] = process.argv;
const [head, claims, signature] = readFileSync(tokenFile, 'utf8').split('.');
const read = (part) => JSON.parse(Buffer.from(part, 'base64url'));
const { alg, kid, typ } = read(head);
const jwk = JSON.parse(readFileSync(keysFile)).keys.find((key) => key.kid === kid);
const key = createPublicKey({ key: jwk, format: 'jwk' });
const digest = { ES256: 'sha256', ES384: 'sha384', RS256: 'sha256' }[alg];
const good = (text) => verify(digest, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
if (!good(`${head}.${claims}`)) throw new Error('the signature is not right');
if (good(`${head}.${claims}x`)) throw new Error('it is right for anything');
const said = read(claims);
console.log(JSON.stringify({ alg, typ, ...said }));
const now = Date.now() / 1000;
if (said.iss !== issuer || said.aud !== 'apache' || said.nonce !== 'n-1') throw new Error('issuer, audience or nonce');
if (said.exp < now || said.iat > now + 5 || said.auth_time > now) throw new Error('times');
SCRIPT
curl -s -o keys "$WEB_URL/oidc/claves"
check "Node verifies it with our JWK set" node verify.mjs id_token keys "$WEB_URL"
check "it is an ES256 one" bash -c "grep -q '\"alg\":\"ES256\"' '$LOG'"
check "the set has no private part" bash -c "! grep -q '\"d\"' keys"
by_openssl() { # the JWK turned into a key by hand: SubjectPublicKeyInfo of P-256 is a fixed head and the point
    python3 - <<'SCRIPT' && openssl dgst -sha256 -verify jwk.pem -signature signature.der signed
import base64, json
def octets(text): return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
head, claims, signature = open("id_token").read().split(".")
key = json.load(open("keys"))["keys"][0]
spki = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + b"\x04" + octets(key["x"]) + octets(key["y"])
open("jwk.pem", "w").write("-----BEGIN PUBLIC KEY-----\n" + base64.encodebytes(spki).decode() + "-----END PUBLIC KEY-----\n")
def integer(b):
    b = b.lstrip(b"\0") or b"\0"
    return b"\x02" + bytes([len(b) + (b[0] >> 7)]) + (b"\0" if b[0] >> 7 else b"") + b
raw = octets(signature)
numbers = integer(raw[:32]) + integer(raw[32:])
open("signature.der", "wb").write(b"\x30" + bytes([len(numbers)]) + numbers)
open("signed", "w").write(head + "." + claims)
SCRIPT
}
check "and so does openssl" by_openssl

# ---- Accounts that end ----

new_code
authority_sql sqlite:home/data/refrenda.db 'SELECT 1' >/dev/null
close_account() { python3 - "$CODE" <<'SCRIPT'
import sqlite3, sys
with sqlite3.connect("home/data/refrenda.db", timeout=30) as db:
    db.execute("UPDATE account SET state = 'closed' WHERE code = ?", (sys.argv[1],))
SCRIPT
}
check "an account is closed in between" close_account
check "its code is worth nothing" redeem 400 invalid_grant "$CODE_GIVEN"
authorize prompt=none
check "nor does it sign in anywhere" goes_to 302 "$REDIRECT?error=login_required"

# ---- The other way round: a second house whose people sign in with the first ----

FIRST_URL=$WEB_URL
FIRST_AUTHORITY=$AUTHORITY
check "a second authority is made" authority_init second
check "the same administration moves in" "$REFRENDA" demo fill --home second
web_settings second '  demo: true
'
SECOND_URL=$WEB_URL
second_secret() { # the first one's administrator registers it
    WEB_URL=$FIRST_URL
    cp admin-cookies cookies
    answers 200 GET /administracion/programas/nuevo &&
        answers 200 POST /administracion/programas/nuevo --data-urlencode "csrf=$(page_token)" -d client_id=segunda -d confidential=1 \
            --data-urlencode "name=Segunda casa" -d enabled=1 --data-urlencode "redirects=$SECOND_URL/acceso/proveedor/vuelta" &&
        sed -n 's|.*client_secret</dt><dd><code>\([^<]*\)<.*|\1|p' body >second/secret
    [ -s second/secret ]
}
check "it is registered with the first" second_secret
cat >>second/refrenda.yaml <<SETTINGS
sso:
  issuer: "$FIRST_URL"
  client_id: segunda
  secret_file: "$WORK/second/secret"
  authorities: "$WORK/authorities.pem"
  label: "La primera casa"
SETTINGS
check "its settings are good" "$BUILD/refrendad" --home second --check
check "it starts" authority_start second

# Cookies know no ports: the browser's are in a jar for each house.
at() { # first|second command...
    local house=$1 status=0
    shift
    if [ "$house" = first ]; then WEB_URL=$FIRST_URL; else WEB_URL=$SECOND_URL; fi
    touch "$house-cookies" && cp "$house-cookies" cookies
    "$@" || status=$?
    cp cookies "$house-cookies"
    return $status
}
forget() { rm -f cookies first-cookies second-cookies; }
is_led_there() { # [query]
    answers 200 GET "/acceso${1:-}" || return 1
    page POST /acceso/proveedor --data-urlencode "csrf=$(page_token)" --data-urlencode "volver=$(field_of volver)"
    case $(location) in "$FIRST_URL/oidc/autorizar?"*) ;; *) return 1 ;; esac
}
# shellcheck disable=SC2120 # its caller is check
go_there() { # [query]: from the second house's sign-in page to the first
    eventually is_led_there "$@" || return 1 # as soon as the worker has found the provider
    goes_to 302 "$FIRST_URL/oidc/autorizar?" && REQUEST=$(location)
}
state_of() { printf %s "$1" | sed -n 's/.*[?&]state=\([^&]*\).*/\1/p'; }
sign_in_there() { # title
    visit "$REQUEST" && goes_to 303 "/acceso?volver=" || return 1
    person "$1"
    answers 200 GET "$(location)" && send_sign_in "$PASSWORD" && goes_to 303 "/oidc/autorizar?" && visit "$WEB_URL$(location)" &&
        goes_to 302 "$SECOND_URL/acceso/proveedor/vuelta?code=" && answer=$(location)
}
come_back() { # where it ends
    visit "$answer" && goes_to 303 /acceso/proveedor/espera || return 1
    visit "$WEB_URL$(location)"
    for _ in $(seq 600); do
        [ "$(page_status)" != 200 ] && break
        grep -qi '^refresh: 1' head || return 1
        sleep 0.1
        visit "$WEB_URL/acceso/proveedor/espera?state=$(state_of "$answer")"
    done
    goes_to 303 "$1"
}
refused_back() { visit "$answer" && goes_to 303 "/acceso?volver="; }
invent() { # parameters: an answer to a request that begins now
    go_there && answer="$SECOND_URL/acceso/proveedor/vuelta?state=$(state_of "$REQUEST")&$1"
}
FIRST_ISSUER=iss=${FIRST_URL/:\/\//%3A//}

forget
check "its sign-in page sends people to the first" at second go_there '?volver=/cuenta%3Flang%3Den'
check "with state, nonce and a challenge" bash -c "case '$REQUEST' in *redirect_uri=*state=*nonce=*code_challenge=*code_challenge_method=S256*) ;; *) false ;; esac"
check "who signs in there" at first sign_in_there Mesa
check "comes back" at second come_back "/cuenta?lang=en"
at second visit "$SECOND_URL/cuenta"
check "and is signed in, as the same person" shows "$CODE"
methods=$(authority_sql sqlite:second/data/refrenda.db 'SELECT methods FROM session WHERE account IS NOT NULL')
check "as somebody whom a provider named" test "$methods" = 64
check "the same way back once more leads nowhere" at second refused_back

forget
check "somebody else begins" at second go_there
check "and signs in there" at first sign_in_there Mesa
mv second-cookies others-cookies
check "without the session that began the answer is worth nothing" at second refused_back
check "another browser begins" at second go_there
check "its session is not the one, either" at second refused_back
mv others-cookies second-cookies
answer=${answer/state=/state=x}
check "with another state nobody comes in" at second refused_back
at second invent "code=x&iss=https%3A//otra.example"
check "an answer of another provider is not taken" at second refused_back
at second invent "code=x"
check "nor one that does not say whose it is" at second refused_back
at second invent "error=access_denied&$FIRST_ISSUER"
check "who says no there is back at the sign-in page" at second refused_back
at second invent "code=inventado&$FIRST_ISSUER"
check "an invented code is redeemed by nobody" at second come_back "/acceso?volver="
check "which the log tells" eventually grep -q invalid_grant second.log
check "without the secret" bash -c "! grep -qF -e \"\$(cat second/secret)\" second.log"
rename() { python3 - "$CODE" <<'SCRIPT'
import sqlite3, sys
with sqlite3.connect("second/data/refrenda.db", timeout=30) as db:
    db.execute("UPDATE account SET code = 'U8888' WHERE code = ?", (sys.argv[1],))
SCRIPT
}
forget
person Mesa
check "whom the second house does not know" rename
at second go_there
check "can sign in at the first" at first sign_in_there Mesa
check "but not here" at second come_back "/acceso?volver="
at second answers 200 GET "/acceso?lang=en"
check "and is told so" shows "You have no account here"
check "the second server stops" authority_stop
AUTHORITY=$FIRST_AUTHORITY
check "the first server stops" authority_stop
finish
