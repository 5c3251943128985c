#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The pages of a running server: headers, errors for people and for programs, CSRF, uploads at constant memory, paths
# that lead nowhere, languages, memory and start of all processes.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"
. "$SOURCE/tests/support/web.sh"

[ -x "$BUILD/refrendad" ] || skip_all "no refrendad in this build"
have openssl curl python3 || skip_all "no openssl, curl or python3"

check "an authority is made" authority_init home
web_settings home '  demo: true
'
printf 'code,password,title\nU0001,Una-clave-de-prueba,Administradora inventada\n' >home/demo-accounts.csv
check "the settings are good" "$BUILD/refrendad" --home home --check
check "the server starts" authority_start home

# ---- Headers ----

check "a page is shown" answers 200 GET /estilo
says_header() { page_header "$1" | grep -qF -- "$2"; }
for header in "content-security-policy|default-src 'none'" "content-security-policy|script-src 'self'" \
    "content-security-policy|frame-ancestors 'none'" "content-security-policy|form-action 'self'" \
    "content-security-policy|base-uri 'none'" "x-content-type-options|nosniff" "referrer-policy|same-origin" \
    "cross-origin-opener-policy|same-origin" "cross-origin-resource-policy|same-origin" "permissions-policy|camera=()" \
    "cache-control|no-store" "content-type|text/html; charset=utf-8" "set-cookie|Secure; HttpOnly; SameSite=Lax"; do
    check "it has ${header/|/: }" says_header "${header%|*}" "${header#*|}"
done
check "no policy allows what is inline" bash -c "! grep -i content-security-policy '$WORK/head' | grep -q unsafe"
check "cookies have the prefix that keeps other hosts out" grep -q '^.*__Host-refrenda-visitor' cookies
check "a page holds no inline script or style" bash -c "! grep -qE '<script(>| [^>]*[^>]>[^<])|<style| style=| on[a-z]+=\"' '$WORK/body'"
check "HSTS is for https only" bash -c "! grep -qi strict-transport '$WORK/head'"

# ---- Files of the program ----

asset=$(sed -n 's/.*href="\(\/a\/[0-9a-f]*\/mark.svg\)".*/\1/p' body | head -n 1)
check "a file of the program is there" answers 200 GET "$asset"
check "it is kept for ever" says_header cache-control immutable
tag=$(page_header etag)
check "and not sent twice" answers 304 GET "$asset" -H "If-None-Match: $tag"
check "under an old address it is not kept" answers 200 GET "/a/0000000000000000/mark.svg"
check "but asked for again" says_header cache-control no-cache
check "large ones are compressed" answers 200 GET "${asset%mark.svg}icons.svg" -H 'Accept-Encoding: gzip'
check "as they say" says_header content-encoding gzip
for path in /a/x/../../refrenda.yaml /a/x/%2e%2e/%2e%2e/refrenda.yaml /a/x/..%2f..%2frefrenda.yaml '/a/x/..\..\refrenda.yaml' \
    /a/x//etc/passwd /a/x/refrenda.yaml /../../etc/passwd; do
    page GET "$path"
    check "$path leads nowhere" bash -c "[ '$(page_status)' = 404 ] || [ '$(page_status)' = 400 ]"
done

# ---- What is not there, or not so ----

check "what is not there is a page for people" answers 404 GET /nada
check "that says so" grep -q '<h1>' body
check "and has the headers of pages" says_header content-security-policy "default-src 'none'"
check "and for programs a problem" bash -c "curl -s -D head -o body '$WEB_URL/nada'; grep -q application/problem+json head && grep -q '\"status\":404' body"
check "a method that is not there" answers 405 POST /demo/mensajes
check "names those that are" says_header allow GET
check "nobody is let in" answers 303 GET /
check "but sent to sign in" says_header location /acceso
check "programs are told so" bash -c "curl -s -o body -w '%{http_code}' '$WEB_URL/' | grep -q 401"
check "a body that is too long" answers 413 POST /acceso --data-binary "$(head -c 70000 /dev/zero | tr '\0' a)"
check "a query that is not well formed" answers 400 GET '/estilo?a=%zz'

# ---- Forms ----

check "the form is shown" answers 200 GET /estilo
token=$(page_token)
check "with its token it is taken" answers 200 POST /estilo --data-urlencode "csrf=$token" -d text=Rosa
check "without it is not" answers 403 POST /estilo -d text=Rosa%20Inventada
check "but what was typed is kept" grep -q 'value="Rosa Inventada"' body
check "another's cookie does not go with it" answers 403 POST /estilo --data-urlencode "csrf=$token" -b "__Host-refrenda-visitor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" -c /dev/null
check "another site's form is refused" answers 403 POST /estilo --data-urlencode "csrf=$token" -H 'Origin: https://otro.example'
check "as its browser says" answers 403 POST /estilo --data-urlencode "csrf=$token" -H 'Sec-Fetch-Site: cross-site'
check "our own is not" answers 200 POST /estilo --data-urlencode "csrf=$token" -H "Origin: $WEB_URL" -H 'Sec-Fetch-Site: same-origin'

# ---- Uploads ----

check "the form is shown again" answers 200 GET /estilo
token=$(page_token)
check "a small file is kept" answers 200 POST /estilo -F "csrf=$token" -F "file=@home/refrenda.yaml"
check "under its hash" grep -q "$(sha256sum home/refrenda.yaml | cut -d' ' -f1)" body
head -c $((100 << 20)) /dev/urandom >large
before=$(web_child_memory)
check "100 MB are kept" answers 200 POST /estilo -F "csrf=$token" -F "file=@large"
check "under their hash" grep -q "$(sha256sum large | cut -d' ' -f1)" body
after=$(web_child_memory)
printf '# memory of the process of pages: %s KiB before, %s KiB after\n' "$before" "$after"
case $(nm -D "$BUILD/refrendad" 2>/dev/null) in
*__asan_init*) skip "memory grows with the sanitizer's shadow" ;;
*) check "at constant memory" test $((after - before)) -lt 16384 ;;
esac
check "nothing of it stays where it was spooled" bash -c "[ -z \"\$(find home/data/blobs/new -type f)\" ]"
head -c $((102 << 20)) /dev/zero >larger
check "more is refused" answers 413 POST /estilo -F "csrf=$token" -F "file=@larger"
rm -f large larger

# ---- Languages ----

says_language() { [ "$(page_header content-language)" = "$1" ]; }
rm -f cookies
check "nothing said" answers 200 GET /estilo
check "is Spanish" says_language es
check "by Accept-Language" answers 200 GET /estilo -H 'Accept-Language: fr, ca;q=0.8, en;q=0.5'
check "it is Catalan" says_language ca
check "by the address" answers 200 GET '/estilo?lang=en'
check "it is English" says_language en
check "and stays" answers 200 GET /estilo
check "English" says_language en
check "an error, too" answers 404 GET /nada
check "is English" grep -q 'There is nothing at this address' body
rm -f cookies
check "without any choice" answers 404 GET /nada
check "it is Spanish" grep -q 'No hay nada en esta' body

# ---- Floods ----

flood() {
    local i
    for i in $(seq 40); do # on a slow machine a minute is over before so many have come one by one
        printf 'url = "%s/estilo"\ndata = "csrf=no"\noutput = "/dev/null"\n' $(yes "$WEB_URL" | head -20) | curl -sk -K - >/dev/null 2>&1
        page POST /estilo -d csrf=no
        [ "$(page_status)" != 429 ] || break
    done
    [ "$(page_status)" = 429 ] && page_header retry-after | grep -q '[0-9]'
}
check "who sends too many forms has to wait" flood
check "but may look" answers 200 GET /estilo

# ---- All processes ----

pss() {
    local process total=0
    for process in "$AUTHORITY" $(pgrep -P "$AUTHORITY"); do
        total=$((total + $(sed -n 's/^Pss:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$process/smaps_rollup")))
    done
    echo "$total"
}
check "the server stops" authority_stop
check "and starts" authority_start home
total=0
is_small() { total=$(pss) && [ "$total" -le 40960 ]; } # as soon as it is idle
case $(nm -D "$BUILD/refrendad" 2>/dev/null) in
*__asan_init*) is_small ;;
*) eventually is_small ;;
esac
printf '# memory of all processes: %s KiB\n' "$total"
case $(nm -D "$BUILD/refrendad" 2>/dev/null) in
*__asan_init*) skip "memory with a sanitizer" ;;
*) check "idle, all processes together need at most 40 MB" test "$total" -le 40960 ;;
esac
check "it stops again" authority_stop

# ---- TLS ----

read -r TLS_PORT < <(free_ports 1)
sed -i -e "s|http://localhost:|https://localhost:|" home/refrenda.yaml
cat >>home/refrenda.yaml <<END
  certificate: tls/registration.pem
  key: tls/registration.key
  clients: tls/clients.pem
  certificate_listen: ["127.0.0.1:$TLS_PORT"]
END
WEB_URL=${WEB_URL/http:/https:}
check "with TLS the settings are good" "$BUILD/refrendad" --home home --check
check "and the server starts" authority_start home
rm -f cookies
check "a page is shown over TLS" answers 200 GET /estilo -k
check "with HSTS" says_header strict-transport-security max-age
check "without TLS nothing is" bash -c "! curl -sf -o /dev/null '${WEB_URL/https:/http:}/estilo'"
PAGES=$WEB_URL
WEB_URL=https://localhost:$TLS_PORT
check "the listener for certificates has its page" answers 200 GET /acceso/certificado-tls -k
check "and no other" answers 404 GET /acceso -k
check "nor is its page elsewhere" bash -c "[ \"\$(curl -sk -o /dev/null -w '%{http_code}' '$PAGES/acceso/certificado-tls')\" = 404 ]"

check "no secret is in the log" bash -c "! grep -qF -e '$token' home.log"
check "nor anybody's address" bash -c "! grep -qE '\"client\":\"127\\.0\\.0\\.1\"' home.log"
check "it stops" authority_stop
finish
