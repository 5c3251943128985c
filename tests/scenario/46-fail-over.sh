#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The PostgreSQL primary dies while people work, and its synchronous standby takes over: nobody touches the platform, which says
# "try again" meanwhile and goes on by itself; nothing that was acknowledged is lost, nothing is done twice. Before that, the standby
# stands still: nothing is acknowledged, and nobody waits for ever.
. "${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"
. "$SOURCE/tests/support/platform.sh"
. "$SOURCE/tests/support/postgresql_pair.sh"

[ -x "$BUILD/refrendad" ] || skip_all "no refrendad in this build"
have openssl curl python3 psql || skip_all "no openssl, curl, python3 or psql"
[ -n "$PAIR_PROGRAMS" ] || skip_all "no PostgreSQL"
home=$WORK/home
trap 'pair_stop; stop_servers' EXIT

# What a person sees, and for how long: "STATUS RETRY-AFTER SECONDS".
look() { curl -s -m 60 -o /dev/null -w '%{http_code} %header{retry-after} %{time_total}\n' -H 'Accept: text/html' "$WEB_URL/acceso/recuperar"; }
sign_in_page() { [ "$(curl -s -m 60 -o /dev/null -w '%{http_code}' "$WEB_URL/acceso")" = 200 ]; }
issue() { # name
    "$REFRENDA" ca issue --home "$home" --profile tls-client --attribute c=PE --attribute "o=Entidad Inventada" --attribute "cn=$1" \
        --new-key P-256 --new-pass-file "$home/agente.password" -o "$WORK/$1.p12"
}
within() { # seconds command...
    local until=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $until ] || return 1
        sleep 0.2
    done
}
count() { psql -qAt "$PAIR_DATABASE" -c "SELECT count(*) FROM $1"; }

check "a primary and its synchronous standby" pair_start
[ -n "${PAIR_DATABASE:-}" ] || finish
check "an administration on them" platform_init "$home" "$PAIR_DATABASE" "${FAIL_OVER_PEOPLE:-200}"
check "the server starts" authority_start "$home"
server=$AUTHORITY
check "a certificate before" issue before

# ---- The standby stands still ----

if [ -n "${FAIL_OVER_LONG:-}" ]; then
    sent() { # a form that writes: somebody signs in
        jar=$(mktemp)
        token=$(curl -s -m 20 -c "$jar" -H 'Accept: text/html' "$WEB_URL/acceso" | sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' | head -n 1)
        curl -s -m 100 -b "$jar" -o /dev/null -w '%{http_code} %header{retry-after} %{time_total}\n' -H 'Accept: text/html' \
            --data-urlencode "csrf=$token" --data usuario=U0009 --data-urlencode 'clave=caracola azul 26' "$WEB_URL/acceso"
        rm "$jar"
    }
    check_says 303 "somebody signs in" sent
    pair_pause
    check_says "503 5 2" "what the standby does not confirm is not acknowledged, after 20 s" sent
    pair_resume
    check "it goes on when the standby does" within 120 eval '[ "$(sent | cut -c1-3)" = 303 ]'
fi

# ---- The primary dies ----

platform_crowd work --url "$WEB_URL" --seconds "${FAIL_OVER_SECONDS:-22}" --people 3 --notes notes >crowd.txt 2>&1 &
crowd=$!
sleep 7
check "the primary dies" pair_kill
began=$SECONDS
sleep 1
check "who is not signed in sees the pages" sign_in_page
curl -s -m 60 -D head.txt -o away.html -H 'Accept: text/html' -H 'Accept-Language: en' -H "Cookie: __Host-refrenda=$(printf 'A%.0s' $(seq 43))" "$WEB_URL/cuenta"
check "who needs the database is told to come back" grep -qi '^HTTP.* 503' head.txt
check "and when" grep -qi '^retry-after: 5' head.txt
check "in words" grep -q 'The database cannot do it now' away.html
sleep 2
check "the standby takes over" pair_promote
check "the platform goes on by itself" within 120 eval 'curl -sf -m 10 -o /dev/null "http://127.0.0.1:$METRICS_PORT/health/ready"'
printf '# ready again %s s after the primary died, of which 3 before the standby was promoted\n' $((SECONDS - began))
wait $crowd
crowd_status=$?
sed 's/^/# /' crowd.txt
check "all who worked found their way, none saw but 503 with Retry-After" test $crowd_status = 0
check "no process had to be started again" test -z "$(grep '"code":"died"' "$home.log")"
check "it is the same server" kill -0 "$server"
check "what was acknowledged is there, once" within 120 platform_crowd verify --url "$WEB_URL" --notes notes
sed 's/^/# /' "$LOG"
check "a certificate after" issue after
check "the audit is whole" "$REFRENDA" audit verify --home "$home"
check "the log is whole" within 120 "$REFRENDA" log verify "$STATUS_URL" --key "$home/public/log.pem"
check "the server stops" authority_stop
finish
