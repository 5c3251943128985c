#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# What hostile people try against the pages of a running server. docs/security.md says which requirement each is for;
# tests/unit/test_web_objects.c has every route's ids, roles and tokens, tests/http/hostile.py what is below a request.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"

have curl python3 || skip_all "no curl or python3"
[ -x "$BUILD/refrendad" ] || skip_all "no refrendad in this build"
HOME_FOLDER=$WORK/home
authority_init "$HOME_FOLDER" >init.log 2>&1 || skip_all "no authority: $(tail -1 init.log)"
"$REFRENDA" demo fill --home "$HOME_FOLDER" >fill.log 2>&1 || skip_all "no demonstration: $(tail -1 fill.log)"
cp "$HOME_FOLDER/refrenda.yaml" plain.yaml
settings() { # url listen more...: the web section
    { cat plain.yaml; printf 'web:\n  listen: ["%s"]\n  url: "%s"\n  name: "Casa Ficticia"\n  argon_kib: 8192\n  argon_passes: 1\n' "$2" "$1"
        printf '  %s\n' "${@:3}"; } >"$HOME_FOLDER/refrenda.yaml"
}
start() { # on a port of its own; another program may take it before
    local try
    for try in 1 2 3; do
        read -r WEB_PORT < <(free_ports 1)
        URL=http://localhost:$WEB_PORT
        settings "$URL" "127.0.0.1:$WEB_PORT" 'proxies: ["127.0.0.1"]'
        authority_start "$HOME_FOLDER" && return 0
    done
    return 1
}

# ---- Settings that would be a hole ----

check_settings() { "$BUILD/refrendad" --home "$HOME_FOLDER" --check 2>&1; }
settings https://firma.example 127.0.0.1:1 'demo: true'
check_says "web.demo" "a demonstration is refused at an address of the internet" check_settings
settings http://localhost:1 0.0.0.0:1 'demo: true'
check_says "web.demo" "or where others than this machine can reach it" check_settings
settings http://firma.example 127.0.0.1:1
check_says "web.url" "passwords go over https only" check_settings

check "the server starts" start
DATABASE=$HOME_FOLDER/data/refrenda.db
PASSWORD=$(sed -n '2s/^[^,]*,\([^,]*\),.*/\1/p' "$HOME_FOLDER/demo-accounts.csv")
sql() { authority_sql "$DATABASE" "$1"; }
sql_write() { authority_sql_write "$DATABASE" "$1"; }

sql_write "UPDATE account SET language = 'en'" # what is looked for below

# Each visitor has a jar of cookies and an address of his own. Answers: head, status, body.
ask() { # visitor path curl-option...
    local who=$1 path=$2
    shift 2
    curl --silent --max-time 60 --path-as-is --cookie "$who.jar" --cookie-jar "$who.jar" -H "Accept: ${ACCEPT:-text/html}" -H "Accept-Language: en" \
        -H "X-Forwarded-For: 10.$((0x$(printf %s "$who" | md5sum | cut -c1-2))).$((RANDOM % 250)).1" -D head.raw -o body "$@" "$URL$path"
    tr -d '\r' <head.raw >head 2>/dev/null
    STATUS=$(sed -n 's/^HTTP[^ ]* \([0-9]*\).*/\1/p' head | tail -n 1)
}
header() { sed -n "s/^$1: //Ip" head | tail -n 1; }
hidden() { grep -o "name=\"$1\" value=\"[^\"]*\"" "$2" | head -1 | sed 's/.*value="//; s/"$//'; }
send() { # visitor from path curl-option...: the page at FROM has the token
    local who=$1 from=$2 path=$3
    shift 3
    ask "$who" "$from"
    ask "$who" "$path" --data-urlencode "csrf=$(hidden csrf body)" "$@"
}
upload() { # visitor from path curl-option...
    local who=$1 from=$2 path=$3
    shift 3
    ask "$who" "$from"
    ask "$who" "$path" -F "csrf=$(hidden csrf body)" "$@"
}
sign_in() { # visitor name [option...]
    send "$1" /acceso /acceso --data-urlencode "usuario=$2" --data-urlencode "clave=$PASSWORD" "${@:3}"
    [ "$STATUS" = 303 ]
}
is() { [ "$STATUS" = "$1" ] || { echo "status $STATUS, not $1"; head -c 600 body; return 1; }; }
check_sign_in() { check "$2 signs in" sign_in "$1" "$2"; }
check_sign_in admin U0001
check_sign_in operator U0002
check_sign_in head U0003
check_sign_in personnel U0005
check_sign_in auditor U0008

# ---- Headers of every kind of answer ----

baseline() {
    local wanted
    for wanted in "x-content-type-options|nosniff" "content-security-policy|default-src 'none'" "referrer-policy|same-origin"; do
        header "${wanted%%|*}" | grep -qF -- "${wanted#*|}" || { echo "no ${wanted%%|*}"; cat head; return 1; }
    done
    header content-security-policy | grep -q "unsafe" && return 1
    grep -qiE '^(server|x-powered-by):' head && return 1
    [ "$1" = kept ] || header cache-control | grep -q no-store || { echo "kept by caches"; cat head; return 1; }
}
kind() { # name status kept|private visitor path option...
    local name=$1 status=$2 kept=$3
    shift 3
    ask "$@"
    check "$name answers $status" is "$status"
    check "$name has its headers" baseline "$kept"
}
kind "a page" 200 private nobody /acceso
check "that shows itself in no frame" test "$(header x-frame-options)" = DENY
ASSET=$(sed -n 's/.*href="\(\/a\/[0-9a-f]*\/style.css\)".*/\1/p' body | head -n 1)
kind "a page of who is signed in" 200 private admin /cuenta
kind "a redirect" 303 private nobody /
kind "what is not there" 404 private nobody /nada
kind "what is forbidden" 403 private operator /administracion/cuentas
kind "a form that is wrong" 403 private nobody /acceso --data csrf=no
kind "a method that is not there" 405 private nobody /acceso -X PUT
kind "a body that is too long" 413 private nobody /acceso --data-binary "@/bin/sh"
kind "a query that is not well formed" 400 private nobody '/acceso?a=%zz'
ACCEPT=application/json
kind "a problem for programs" 404 private nobody /nada
kind "a problem of who is not signed in" 401 private nobody /cuenta
kind "a form of a program without its token" 403 private admin /cuenta/idioma --data idioma=en
check "which is a problem" sh -c "[ '$(header content-type)' = application/problem+json ] && ! grep -qiE 'src/|\.c:|sqlite' body"
ACCEPT=
kind "a script of the program" 200 kept nobody "${ASSET%style.css}main.js"
ask nobody "${ASSET%style.css}mark.svg"
check "a drawing by itself runs nothing" sh -c "grep -i '^content-security-policy' head | grep -q sandbox && grep -qi '^x-content-type-options: nosniff' head"
kind "a file of the program" 200 kept nobody "$ASSET"
kind "one that did not change" 304 kept nobody "$ASSET" -H "If-None-Match: $(header etag)"
kind "JSON for our script" 200 private nobody /acceso/codigo-de-seguridad
kind "a list as CSV" 200 private admin '/administracion/cuentas?formato=csv'
kind "a file to begin with" 200 private personnel /organizacion/importar/modelo/personas
kind "single sign-on for programs" 200 kept nobody /.well-known/openid-configuration
kind "a token that is not given" 400 private nobody /oidc/token --data a=b
kind "who asks without a token" 401 private nobody /oidc/persona
ask fresh /acceso
check "cookies are for this host, over TLS, and no script's" sh -c "grep -i '^set-cookie: __Host-' head | grep -i '; Path=/' | grep -i 'Secure' | grep -i HttpOnly | grep -qi SameSite=Lax"
check "and name no domain" sh -c "! grep -i '^set-cookie' head | grep -qi domain="

# ---- Methods ----

for method in TRACE TRACK DELETE PATCH PUT CONNECTX; do
    ask nobody /acceso -X "$method" -H 'X-Probe: secret-of-a-header'
    check "$method is refused" sh -c "case $STATUS in 4*|501) ;; *) exit 1 ;; esac; ! grep -q secret-of-a-header body"
done
before=$(sql "SELECT count(*) FROM audit_waiting")
for override in "X-HTTP-Method-Override: POST" "X-HTTP-Method: DELETE" "X-Method-Override: POST"; do
    ask admin /cuenta/sesiones/cerrar-otras -H "$override"
    check "a GET stays one with $override" sh -c "[ $STATUS = 404 ] || [ $STATUS = 405 ]"
done
ask admin '/salir?_method=POST'
ask admin /cuenta
check "and nobody is signed out by it" is 200

# ---- Host and forwarded headers ----

for forged in "Host: evil.example" "X-Forwarded-Host: evil.example" "Forwarded: host=evil.example" "X-Original-URL: /administracion/cuentas" "X-Rewrite-URL: /administracion/cuentas"; do
    ask nobody /acceso -H "$forged"
    check "nothing of \"$forged\" is in a page" sh -c "! grep -qi 'evil.example' head body && [ $STATUS = 200 ] && grep -q 'name=\"usuario\"' body"
    ask nobody / -H "$forged"
    check "or in a redirect" sh -c "grep -qi '^location: /acceso' head"
done
ask reset /acceso/recuperar
ask reset /acceso/recuperar -H "Cookie: __Host-refrenda-visitor=$(sed -n 's/^set-cookie: __Host-refrenda-visitor=\([^;]*\).*/\1/Ip' head)" -H "Host: evil.example" -H "X-Forwarded-Host: evil.example" --data-urlencode "csrf=$(hidden csrf body)" --data quien=U0006
check "a form that was sent to another name of this machine is taken" is 200
check_says "$URL/acceso/enlace/" "but links in mails are of the settings" sql "SELECT body FROM outbox WHERE name = 'recovery' ORDER BY id DESC LIMIT 1"
check "none is of the one who asked" test "$(sql "SELECT count(*) FROM outbox WHERE body LIKE '%evil%'")" = 0

# ---- Large, doubled, broken requests ----

ask nobody /acceso -H "X-Long: $(head -c 60000 /dev/zero | tr '\0' a)"
check "a header of 60 kB is refused" sh -c "case $STATUS in 4*) ;; *) exit 1 ;; esac"
ask nobody "/acceso?a=$(head -c 30000 /dev/zero | tr '\0' a)"
check "and an address of 30 kB" sh -c "case $STATUS in 4*) ;; *) exit 1 ;; esac"
ask nobody /acceso -H "$(for i in $(seq 300); do printf 'X-%s: a\r\n' "$i"; done | sed '$ s/\r$//')"
check "and 300 headers, or they do nothing" sh -c "case $STATUS in 4*|200) ;; *) exit 1 ;; esac"
raw() { # request: the first line of the answer
    python3 - "$WEB_PORT" "$1" <<'END'
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10) as s:
    s.sendall(sys.argv[2].encode().decode("unicode_escape").encode("latin-1"))
    print(s.makefile("rb").readline().decode("latin-1"))
END
}
check_says " 400 " "two hosts are refused" raw 'GET /acceso HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n'
check_says " 400 " "and none" raw 'GET /acceso HTTP/1.1\r\nConnection: close\r\n\r\n'
check_says " 400 " "and two lengths" raw 'POST /acceso HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 5\r\nConnection: close\r\n\r\nabcde'
check_says " 400 " "and a length beside chunks" raw 'POST /acceso HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n'
send nobody /acceso /acceso --data-urlencode usuario=U0001 --data-urlencode usuario=U0002 --data clave=x
check "a field that is there twice is refused" is 400
ask nobody /acceso
ask nobody /acceso --data-urlencode "csrf=$(hidden csrf body)" --data "usuario=U0001%00x&clave=x"
check "a zero byte in a field is" is 400
ask nobody /acceso
ask nobody /acceso --data-urlencode "csrf=$(hidden csrf body)" --data 'usuario=%ff%fe&clave=x'
check "what is no UTF-8 is" is 400
ask nobody /acceso
ask nobody /acceso -H 'Content-Type: text/xml' --data-binary '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
check "XML is nothing that is read here" sh -c "case $STATUS in 4*) ;; *) exit 1 ;; esac; ! grep -q root: body"
send nobody /acceso /acceso/llave --data-urlencode 'credential={"type":"public-key","type":"x","id":"AA","rawId":"AA","response":{}}'
check "JSON with a name twice is no passkey" sh -c "[ $STATUS = 303 ] && grep -qi '^location: /acceso' head"
send nobody /acceso /acceso/llave --data-urlencode "credential=$(python3 -c 'print("[" * 5000)')"
check "nor is what is nested 5,000 deep" is 303

# ---- Ways out: only within this house ----

for back in https://evil.example //evil.example '/\evil.example' '/%09/evil.example' $'/\tevil' '/%5cevil.example' 'javascript:alert(1)' 'http:evil' '/acceso/enlace/x' ' //evil.example' '/%2f/evil' '/.//evil.example'; do
    visitor=$((${visitor:-0} + 1))
    sign_in "back$visitor" U0010 --data-urlencode "volver=$back"
    check "signing in does not lead to $(printf %q "$back")" sh -c "grep -i '^location:' head | grep -qiE '^location: /([^/\\\\]|\$)'"
    send personnel /cuenta /cuenta/confirmar --data-urlencode "clave=$PASSWORD" --data-urlencode "volver=$back"
    check "nor does being asked again" sh -c "grep -i '^location:' head | grep -qiE '^location: /([^/\\\\]|\$)'"
done
ask nobody "/acceso?volver=https://evil.example"
check "the page to sign in carries no such address along" sh -c "! grep -qE '(href|action|value)=\"(https?:)?//evil' body"
ask nobody "/oidc/salir?post_logout_redirect_uri=https://evil.example&client_id=x"
check "single sign-on leads nobody out there" sh -c "! grep -qi 'evil' head"
ask admin "/oidc/autorizar?client_id=x&redirect_uri=https://evil.example&response_type=code&scope=openid"
check "nor with a code" sh -c "[ $STATUS = 400 ] && ! grep -qi '^location' head"

# ---- Paths ----

for path in /../../etc/passwd /a/x/..%2f..%2fhome/refrenda.yaml '/administracion/textos/..%2f..%2fx/es/correo' '/organizacion/importar/modelo/..%2f..%2fpersonas' \
    /organizacion/personas/-1 /organizacion/personas/0 /organizacion/personas/99999999999999999999 '/organizacion/personas/1%27' '/organizacion/personas/1e0' \
    /cuenta/sesiones/1/../../ '/%00' '/cuenta;x=y' '/CUENTA'; do
    ask admin "$path"
    check "$path leads nowhere" sh -c "[ $STATUS = 404 ] || [ $STATUS = 400 ]"
done

# ---- Words for the database ----

people=$(sql "SELECT count(*) FROM person")
for query in "sort=code%3BDROP%20TABLE%20person" "sort=-(SELECT%201)" "sort=code%20DESC%2Ccode" "state=%27%20OR%201%3D1--" "level=1%20OR%201%3D1" "buscar=%27%22%29%3B--%20x" "buscar=%25%25%25" \
    "pagina=-1" "pagina=99999999999999999999" "filas=1000000" "filas=-5" "filas=0" "pagina=1&pagina=2" "formato=../../x" "nada=%27" "buscar=$(head -c 3000 /dev/zero | tr '\0' a)"; do
    for list in /administracion/cuentas /organizacion/personas /accesos/historial /auditoria; do
        who=admin
        [ "$list" = /auditoria ] && who=auditor
        ask "$who" "$list?$query"
        check "$list takes ${query:0:40} for what it is" sh -c "[ $STATUS = 200 ] || [ $STATUS = 400 ]"
    done
done
check "and everybody is still there" test "$(sql "SELECT count(*) FROM person")" = "$people"
ask nobody /acceso
send nobody /acceso /acceso --data-urlencode "usuario=' OR '1'='1" --data-urlencode "clave=' OR '1'='1"
check "no quotation mark signs in" sh -c "[ $STATUS = 200 ] && grep -q 'not right' body"

# ---- What people write is text ----

EVIL='<script>alert(1)</script>"onload=x'
id_of() { sql "SELECT id FROM person WHERE number = '$1'"; }
change_person() { # number given-names mail...
    local id
    id=$(id_of "$1")
    send personnel "/organizacion/personas/$id/editar" "/organizacion/personas/$id/editar" --data document=pe/dni --data "number=$1" \
        --data-urlencode "given_names=$2" --data-urlencode "surname=${3-Prueba}" --data language=es --data-urlencode "mail=${4-}"
}
DNI=10117410
send personnel /organizacion/personas/nueva /organizacion/personas/nueva --data document=pe/dni --data "number=$DNI" \
    --data-urlencode "given_names=$EVIL" --data-urlencode "surname=$EVIL" --data language=es
check "somebody has a hostile name" is 303
PERSON=$(id_of "$DNI")
no_markup() { ! grep -qF '<script>alert' body && ! grep -qE '<[^>]* onload=' body; }
for page in "personnel /organizacion/personas/$PERSON" "personnel /organizacion/personas/$PERSON/editar" "admin /organizacion/personas?buscar=$DNI" "auditor /auditoria"; do
    ask ${page}
    check "that is text in ${page#* }" no_markup
done
ask admin "/organizacion/personas?buscar=%3Cscript%3Ealert(1)%3C/script%3E%22onload=x"
check "what is searched for is, too" no_markup
ask nobody "/acceso?volver=/%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
check "and where one wants to go" no_markup
ask nobody "/%3Cscript%3Ealert(1)%3C/script%3E"
check "and what is not there" no_markup
ask nobody /cuenta/idioma --data-urlencode "<script>alert(1)</script>=<script>alert(1)</script>"
check "and names of fields of a form that is shown again" no_markup
for formula in '=HYPERLINK("http://evil.example")' '+1+1' '-2+3' '@SUM(1)'; do
    change_person "$DNI" "$formula"
    ask admin "/organizacion/personas?formato=csv&buscar=$DNI"
    check "a spreadsheet takes $formula for a name" sh -c "! grep -qE '(^|;)\"[=+@-]' body && grep -q $DNI body"
done
change_person "$DNI" '{{url}} {{{house}}} {{#a}}x'
ask personnel "/organizacion/personas/$PERSON"
check "a name is no template" grep -qF '{{url}}' body
change_person "$DNI" "$(printf 'Ana\r\nBcc: evil@example.pe')"
check "no name has lines" is 422
change_person "$DNI" Ana Prueba "$(printf 'ana@example.pe\r\nBcc: evil@example.pe')"
check "no address has lines" is 422
change_person "$DNI" Ana Prueba 'ana@example.pe, evil@example.pe'
check "or is two" is 422
change_person "$DNI" Ana Prueba '"evil@example.pe"@example.pe'
check "or is quoted" is 422
change_person "$DNI" "$(printf 'Ana\x1b[2J')"
check "no name has control characters" is 422
send personnel /cuenta /cuenta/idioma --data-urlencode idioma=../../x
check "a language is one of three" is 400

# ---- Files ----

REQUEST=/accesos/solicitudes/nueva/$(id_of 00000117)
letter() { # curl's file; status
    upload operator "$REQUEST" "$REQUEST" -F "unit=$(sql "SELECT id FROM unit WHERE abbreviation = 'SOP'")" -F lines=certifying_agent -F reason=prueba -F "letter=$1" "${@:2}"
}
printf '<html><script>alert(1)</script></html>' >page.pdf
letter '@page.pdf;type=application/pdf'
check "a page that says to be a PDF is none" is 422
printf 'MZ\x90\x00' >program.pdf
letter '@program.pdf;type=application/pdf'
check "nor is a program" is 422
cp "$SOURCE/examples/"*.pdf . 2>/dev/null
python3 - <<'END'
import zlib
def pdf(stream, extra=b""):
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
               b"<</Filter/FlateDecode/Length %d>>stream\n" % len(stream) + stream + b"\nendstream"]
    out, at = b"%PDF-1.7\n" + extra, []
    for n, o in enumerate(objects, 1):
        at.append(len(out))
        out += b"%d 0 obj" % n + o + b"endobj\n"
    xref = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % a for a in at) + b"trailer<</Size 5/Root 1 0 R>>startxref\n%d\n%%%%EOF" % xref
    return out
open("polyglot.pdf", "wb").write(pdf(zlib.compress(b" "), b"<html><script>alert(1)</script></html>\n"))
c = zlib.compressobj(9)
bomb = b"".join(c.compress(bytes(1 << 20)) for _ in range(300)) + c.flush()
open("bomb.pdf", "wb").write(pdf(bomb))
END
letter '@polyglot.pdf;filename=../../../../etc/cron.d/x.pdf;type=text/html'
check "a PDF that is a page as well is kept" is 303
SAVED=$(header location)
ask operator "$SAVED/oficio"
check "and comes back as what it is" sh -c "[ $STATUS = 200 ] && grep -qi '^content-type: application/pdf' head && grep -qi '^x-content-type-options: nosniff' head"
check "by a name of ours" sh -c "grep -qi \"filename[*]=UTF-8''oficio.pdf\" head && ! grep -q cron head"
check "in which nothing runs" sh -c "grep -i '^content-security-policy' head | grep -q \"default-src 'none'\" && ! grep -i '^content-security-policy' head | grep -qi script-src"
check "nothing was written where its name said" sh -c "[ ! -e /etc/cron.d/x.pdf ] && ! find '$WORK' -name x.pdf | grep -q ."
letter "@polyglot.pdf;filename=\"a$(printf '\x01')b.pdf\""
check "a name with control characters does no harm" sh -c "[ $STATUS = 422 ] || [ $STATUS = 303 ] || [ $STATUS = 400 ]"
memory() { sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$(authority_child web)/status"; }
at=$(memory)
letter '@bomb.pdf;type=application/pdf'
check "a file that unpacks to 300 MB is kept" is 303
check "as it is" test $(($(memory) - at)) -lt 65536
head -c $((20 << 20 | 1)) /dev/zero >large.pdf
letter '@large.pdf;type=application/pdf'
check "20 MB and one octet are refused" is 413
head -c $((30 << 20)) /dev/zero >large.pdf
letter '@large.pdf;type=application/pdf' -H 'Expect:'
check "and whoever sends 30 MB without asking first is told, too" is 413
rm -f large.pdf bomb.pdf
printf 'PK\x03\x04' >sheet.xlsx
upload personnel /organizacion/importar /organizacion/importar -F "entity=$(sql "SELECT min(id) FROM entity")" -F 'file=@sheet.xlsx;type=text/csv'
check "a spreadsheet is no CSV" sh -c "[ $STATUS = 422 ] || { [ $STATUS = 200 ] && grep -q 'first line' body; }"
printf 'numero;nombres;primer apellido;correo\n00000115;Paulina;Simulada;evil@example.pe\n' >thief.csv
upload personnel /organizacion/importar /organizacion/importar -F "entity=$(sql "SELECT min(id) FROM entity")" -F 'file=@thief.csv;type=text/csv'
check_says "an administrator changes this" "no import moves the mails of who has an account" cat body

# ---- Who is let in: the same to everybody ----

answer() { ask "who$RANDOM$RANDOM" "$1"; } # a fresh visitor
same() { # path field value-there value-none
    local who=x$RANDOM$RANDOM
    send "$who" "$1" "$1" --data-urlencode "$2=$3" ${5:+--data "$5"}
    sed "s/$3/NAME/g; s/value=\"[^\"]*\"//g" body >there
    local first=$STATUS
    send "y$RANDOM$RANDOM" "$1" "$1" --data-urlencode "$2=$4" ${5:+--data "$5"}
    sed "s/$4/NAME/g; s/value=\"[^\"]*\"//g" body >none
    [ "$first" = "$STATUS" ] && cmp there none
}
check "a wrong password is told as a name that is not there" same /acceso usuario U0011 U9911 clave=wrong
check "a forgotten password, too" same /acceso/recuperar quien U0012 U9912
check "by mail address, too" same /acceso/recuperar quien "$(sql "SELECT mail FROM person WHERE number = '00000112'")" nobody@example.gob.pe
timing() { # name: seconds
    ask "t$RANDOM$RANDOM" /acceso/recuperar
    ask "t$RANDOM$RANDOM" /acceso/recuperar --cookie "$(sed -n 's/^set-cookie: \(__Host-refrenda-visitor=[^;]*\).*/\1/Ip' head)" \
        --data-urlencode "csrf=$(hidden csrf body)" --data-urlencode "quien=$1" -w '%{time_total}\n'
}
apart() { # in turns, and by the shortest times: whatever else the machine does makes some longer, none shorter
    local round name
    : >there.times
    : >none.times
    for round in $(seq 10); do
        for name in 01 02 03 04 05 07 08 09 10; do
            timing "U00$name" >>there.times
            timing "U90$name" >>none.times
        done
        paste <(sort -n there.times) <(sort -n none.times) | head -n 1
        paste <(sort -n there.times) <(sort -n none.times) |
            awk 'NR == 1 { exit !($1 - $2 < 0.04 && $2 - $1 < 0.04 && $1 >= 0.195 && $2 >= 0.195) }' && return 0
    done
    return 1
}
check "how long it takes to ask for a new password tells nothing" apart

# ---- Guessing ----

guess() { # from one network, many names: a proof of work is asked for, then nothing is tried any more
    local i said=
    settings "$URL" "127.0.0.1:$WEB_PORT" 'proxies: ["127.0.0.1"]' 'posts_per_minute: 0'
    authority_stop && authority_start "$HOME_FOLDER" || return 1
    ask guess /acceso
    local token
    token=$(hidden csrf body)
    for i in $(seq 62); do
        ask guess /acceso -H "X-Forwarded-For: 203.0.113.$((i % 250))" --data-urlencode "csrf=$token" --data "usuario=G$i&clave=wrong"
    done
    grep -q 'security code' body
}
check "who tries many names from one network has to work for it" guess
ask guess /acceso -H "X-Forwarded-For: 198.51.100.7, 203.0.113.9"
ask guess /acceso -H "X-Forwarded-For: 198.51.100.7, 203.0.113.9" --data-urlencode "csrf=$(hidden csrf body)" --data "usuario=G99&clave=wrong"
check "and cannot say to be elsewhere" grep -q 'security code' body

# ---- Sessions ----

check_sign_in admin2 U0001
check_sign_in personnel2 U0005
check_sign_in victim U0012
sql_write "UPDATE account SET state = 'locked' WHERE code = 'U0012'"
ask victim /cuenta
check "a session ends when its account is locked" is 303
sql_write "UPDATE account SET state = 'open' WHERE code = 'U0012'"
sql_write "UPDATE session SET signed_in = signed_in - 1000000000 WHERE account = (SELECT id FROM account WHERE code = 'U0012')"
send victim /cuenta /cuenta/sesiones/cerrar-otras
check "who finds a session open closes no others" sh -c "[ $STATUS = 303 ] && grep -qi '^location: /cuenta/confirmar' head"
check_sign_in idle U0012
sql_write "UPDATE session SET seen = seen - 7200000000 WHERE account = (SELECT id FROM account WHERE code = 'U0012')"
ask idle /cuenta
check "or was not used for too long" is 303
check_sign_in long U0012
sql_write "UPDATE session SET ends = 1 WHERE account = (SELECT id FROM account WHERE code = 'U0012')"
ask long /cuenta
check "or has lasted too long" is 303
check_sign_in operator2 U0002
ask operator2 /accesos/solicitudes
check "a role opens its pages" is 200
sql_write "UPDATE role_assignment SET ends = starts + 1 WHERE role = 'access_operator' AND person = (SELECT person FROM account WHERE code = 'U0002')"
ask operator2 /accesos/solicitudes
check "until it ends: at once" is 403
check_sign_in owner U0012
cp owner.jar stolen.jar
send owner /cuenta /cuenta/clave --data-urlencode "old=$PASSWORD" --data-urlencode "password=vicuñas 12 al alba" --data-urlencode "repeat=vicuñas 12 al alba"
check "a password is changed" is 303
ask stolen /cuenta
check "the token of before is worth nothing" is 303
ask owner /cuenta
check "the new one is" is 200

# ---- How people are reached ----

id=$(id_of 00000115)
send personnel2 "/organizacion/personas/$id/editar" "/organizacion/personas/$id/editar" --data document=pe/dni --data number=00000115 \
    --data-urlencode given_names=Paulina --data-urlencode surname=Simulada --data-urlencode second_surname=Torres --data language=es --data mail=evil@example.pe
check "the office of personnel does not move an administrator's mails" sh -c "[ $STATUS = 422 ] && grep -q 'an administrator changes this' body"
OLD=$(sql "SELECT mail FROM person WHERE number = '00000110'")
id=$(id_of 00000110)
send admin2 "/organizacion/personas/$id/editar" "/organizacion/personas/$id/editar" --data document=pe/dni --data number=00000110 \
    --data-urlencode given_names=Jacinto --data-urlencode surname=Fabulado --data-urlencode second_surname=Huamán --data language=es --data mail=nuevo@example.gob.pe
check "an administrator changes an address" is 303
check_says "$OLD" "and the old one is told" sql "SELECT recipient FROM outbox WHERE name = 'contact-changed'"

# ---- What is not there without a demonstration ----

for path in /estilo /demo/mensajes; do
    ask nobody "$path"
    check "$path is not there" is 404
done
send head /cuenta /salir
check "signing out leaves the key of a request that the browser keeps" sh -c "[ $STATUS = 303 ] && ! grep -qi '^clear-site-data:' head"
sign_in_by_certificate() { # visitor: as the page does it, with the agent's file
    openssl pkcs12 -in "$HOME_FOLDER/agente.p12" -passin "file:$HOME_FOLDER/agente.password" -nodes -out agent.pem 2>/dev/null || return 1
    send "$1" /acceso/certificado /acceso/certificado/texto
    python3 -c 'import json, sys; sys.stdout.write(json.load(open("body"))["text"])' >challenge
    send "$1" /acceso/certificado /acceso/certificado --data-urlencode "text=$(base64 -w0 challenge)" \
        --data-urlencode "certificate=$(openssl x509 -in agent.pem -outform DER | base64 -w0)" \
        --data-urlencode "signature=$(openssl dgst -sha256 -sign agent.pem challenge | base64 -w0)"
    [ "$STATUS" = 303 ] || { echo "status $STATUS"; return 1; }
}
check "the agent signs in with the certificate" sign_in_by_certificate agent
send agent /cuenta /salir
check "and signing out clears the opened key from the browser" sh -c "[ $STATUS = 303 ] && grep -qi '^clear-site-data:.*storage' head"
ask nobody /acceso
check "and the page to sign in names nobody" sh -c "! grep -q 'U0001' body && ! grep -qF '$PASSWORD' body"
check "who was refused is in the log" eventually grep -q '"code":"refused".*"route":"access-requests"' "$HOME_FOLDER.log"
check "no password, token or code is in the log" sh -c "! grep -qF -e '$PASSWORD' -e 'acceso/enlace/' '$HOME_FOLDER.log'"

# ---- What the sources do not hold (docs/security.md) ----

none_in() { ! grep -rnE "$1" "${@:2}"; } # pattern folder...
old_hashes() { # where they are made: TOTP twice (RFC 6238), and .p12 of the old kind
    diff - <(cd "$SOURCE/src" && grep -rlE '\bEVP_(md4|md5|mdc2|ripemd160|sha1)\(' . | sort) <<'END'
./domain/account/one_time.c
./personal/code.c
./pki/keys/pkcs12_write.c
END
}
no_secret_of_ours() { # each setting that is a secret, or says where one is, begins empty
    "$BUILD/refrendad" --describe-settings >settings.md || return 1
    grep -E '^\| `[a-z_]*(password|secret|token|pin|passphrase)(_file)?`' settings.md >secrets.md
    [ "$(wc -l <secrets.md)" -ge 4 ] && ! grep -vE '^\| `[a-z_]*` \| [^|]* \| empty \|' secrets.md
}
check "random numbers are the kernel's, OpenSSL's or the browser's" none_in \
    '\b(s?rand|s?random|rand_r|[delmn]rand48|Math\.random)\(' "$SOURCE/src" "$SOURCE/assets/script" "$SOURCE/assets/frame"
check "no script makes markup or code of text" none_in \
    '(inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(|new Function' "$SOURCE/assets/script" "$SOURCE/assets/frame"
check "old hashes are made in three files, and nowhere else" old_hashes
check "no setting has a secret of ours" no_secret_of_ours

check "the server ends" authority_stop
finish
