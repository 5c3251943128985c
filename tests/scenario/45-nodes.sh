#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Several nodes on one PostgreSQL, with one folder of blobs: two whole ones, made from each other, and one that has only the keys
# that pages need. A session goes on at the others when its node dies; each job is done once, each mail sent once; whoever lives takes
# over. docs/operations.md, "Several nodes", says the same to people.
. "${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"
. "$SOURCE/tests/support/platform.sh"

[ -x "$BUILD/refrendad" ] || skip_all "no refrendad in this build"
have openssl curl python3 psql || skip_all "no openssl, curl, python3 or psql"
/usr/bin/python3 -c "import aiosmtpd" 2>/dev/null || skip_all "no aiosmtpd"
if [ -z "${REFRENDA_POSTGRESQL:-}" ]; then
    "$SOURCE/tests/support/postgresql-server" true >/dev/null 2>&1 || skip_all "no PostgreSQL"
    exec "$SOURCE/tests/support/postgresql-server" bash "$SOURCE/tests/scenario/45-nodes.sh"
fi

declare -A SERVER METRICS URL_OF

within() { # seconds command...
    local until=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $until ] || { echo "not within that time: $*"; return 1; }
        sleep 0.2
    done
}
sql() { psql -qAt "$DATABASE" -c "$1"; }
is() { [ "$(sql "$2")" = "$1" ] || { sql "$2"; return 1; }; } # value query

# ---- Nodes ----

is_ready() { curl -sf -m 5 -o /dev/null "http://127.0.0.1:${METRICS[$1]}/health/ready"; }
start_node() { # name
    "$BUILD/refrendad" --home "$WORK/$1" 2>>"$WORK/$1.log" &
    SERVER[$1]=$!
    SERVERS+=($!)
    within 120 is_ready "$1" || { tail -n 5 "$WORK/$1.log"; return 1; }
}
kill_node() { # name: its machine dies
    local all
    mapfile -t all < <(pgrep -P "${SERVER[$1]}")
    kill -KILL "${SERVER[$1]}" "${all[@]}"
    wait "${SERVER[$1]}" 2>/dev/null
    return 0
}
stop_node() { # name
    kill "${SERVER[$1]}" && wait "${SERVER[$1]}"
}
# Of the first node's settings only what is the machine's own is changed.
own_ports() { # name
    local status web registration metrics
    read -r status web registration metrics < <(free_ports 4)
    sed -i "/listen/ { s/:$STATUS_PORT\"/:$status\"/; s/:$WEB_PORT\"/:$web\"/; s/:$API_PORT\"/:$registration\"/; s/:$METRICS_PORT\"/:$metrics\"/ }" \
        "$1/refrenda.yaml"
    METRICS[$1]=$metrics
    URL_OF[$1]=http://localhost:$web
}
make_node() { # name whole|pages
    "$REFRENDA" ca backup --home "$WORK/a" --node "$2" --pass-file node.password -o "$1.node" &&
        "$REFRENDA" ca restore --home "$WORK/$1" --pass-file node.password "$1.node" && own_ports "$1"
}
has_only() { # folder file...
    local folder=$1
    shift
    diff <(find "$folder" -type f -name '*.key' -printf '%P\n' | sort) <(printf '%s\n' "$@" | sort)
}

# ---- People ----

visit() { # node path curl-option...
    local url=${URL_OF[$1]}$2
    shift 2
    curl -s -m 60 -H "Host: ${WEB_URL#http://}" -H 'Accept: text/html' -b "$WORK/jar" -c "$WORK/jar" "$@" "$url"
}
# curl keeps cookies by host, and all nodes are localhost here: one jar is a browser in front of a balancer.
sign_in() { # node
    rm -f jar
    local token
    token=$(visit "$1" /acceso | sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' | head -n 1)
    visit "$1" /acceso -o /dev/null -w '%{http_code}' --data-urlencode "csrf=$token" --data usuario=U0009 --data-urlencode 'clave=caracola azul 26' |
        grep -qx 303
}
account_at() { # node
    visit "$1" /cuenta -o account.html -w '%{http_code}' | grep -qx 200 && grep -q U0009 account.html
}
nobody_at() { visit "$1" /cuenta -o /dev/null -w '%{http_code}' | grep -qx 303; } # node
signs_out() { # node
    local token
    token=$(visit "$1" /cuenta | sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' | head -n 1)
    visit "$1" /salir -o /dev/null -w '%{http_code}' --data-urlencode "csrf=$token" | grep -qx 303
}

# ---- Mails ----

mkdir mails
"$SOURCE/tests/support/smtp_server.py" mails &
SERVERS+=($!)
eventually test -s mails/port
mails_left() { is 0 "SELECT count(*) FROM outbox WHERE channel = 0 AND state = 1"; }
# As many as were put into the outbox, each identity once.
each_mail_once() {
    local received sent
    received=$(find mails -name '*.eml' | wc -l)
    sent=$(sql "SELECT count(*) FROM outbox WHERE channel = 0 AND state = 2")
    echo "$received received, $sent sent"
    [ "$received" = "$sent" ] && [ "$received" -gt 10 ] &&
        [ "$received" = "$(cat mails/*.eml | grep -ic '^message-id:')" ] && [ -z "$(grep -hi '^message-id:' mails/*.eml | sort | uniq -d)" ]
}

check "a first node, with an administration" platform_init "$WORK/a" "$REFRENDA_POSTGRESQL"
printf 'mail:\n  server: "smtp://127.0.0.1:%s"\n  from: "avisos@ciudad-inventada.example"\n' "$(cat mails/port)" >>a/refrenda.yaml
METRICS[a]=$METRICS_PORT
URL_OF[a]=$WEB_URL
echo "a node's secret" >node.password
check "a second one, whole" make_node b whole
check "has all keys but the people's, which one node alone uses" has_only b/keys $(cd a/keys && find . -path ./personal -prune -o -name '*.key' -printf '%P\n')
check "a third one, for pages" make_node c pages
check "has those that pages need, and no other" has_only c/keys authority/{opening,seal,wrapping}.key master.key
check "no node's backup holds a database" bash -c "[ \$(stat -c %s c.node) -lt 200000 ]"
sed -i -e 's/signers: 2/signers: 0/' -e '/^registration:/,/^[a-z]*:/ { /^metrics:/!d }' -e '/^status:/,/^[a-z]*:/ { /listen/d; /tsa_key/d }' c/refrenda.yaml
for node in a b c; do check "the settings of $node are good" "$BUILD/refrendad" --home "$WORK/$node" --check; done

# Reminders that are due when both workers begin.
sql "UPDATE access_request SET remind = 1 WHERE state = 'sent'"
due=$(sql "SELECT count(*) FROM access_request WHERE state = 'sent'")
"$BUILD/refrendad" --home "$WORK/b" 2>>"$WORK/b.log" &
SERVER[b]=$!
SERVERS+=($!)
check "the first and the second start at once" start_node a
check "both are ready" within 120 is_ready b

# ---- Sessions ----

check "somebody signs in at a" sign_in a
check "and is signed in there" account_at a
check "and at b" account_at b
platform_crowd work --url "${URL_OF[a]}" "${URL_OF[b]}" --seconds 8 --people 3 --notes notes >crowd.txt 2>&1 &
crowd=$!
sleep 3
kill -KILL "$(pgrep -P "${SERVER[a]}" -f -- '--child web')"
check "its web process dies: the session goes on at b" account_at b
check "and at a, as soon as it is back" within 120 account_at a
wait $crowd
check "people at both find their way meanwhile" test $? = 0
sed 's/^/# /' crowd.txt
check "what was acknowledged is there once, at either node" platform_crowd verify --url "${URL_OF[b]}" "${URL_OF[a]}" --notes notes
sed 's/^/# /' "$LOG"

# ---- Jobs ----

check "all mails leave" within 120 mails_left
check "each once, with two workers" each_mail_once
printf '# %s; sent by a: %s, by b: %s\n' "$(cat "$LOG")" $(for node in a b; do
    curl -s "http://127.0.0.1:${METRICS[$node]}/metrics" | awk '/^refrenda_mail/ && /sent/ { n += $NF } END { print n + 0 }'
done)
check "each reminder that was due was given once" within 120 is "$due $due" \
    "SELECT count(*) || ' ' || count(DISTINCT object) FROM audit_row WHERE action = 'access.remind'"
holder=$(sql "SELECT holder FROM lease WHERE name = 'worker'")
check "one worker has the lease" test -n "$holder"
victim=a other=b
[ "$holder" = "$(sql "SELECT '$(hostname):' || to_hex($(stat -c %d a)::bigint) || ':' || to_hex($(stat -c %i a)::bigint)")" ] || victim=b other=a
check "all audit rows are in the chain" within 120 is 0 "SELECT count(*) FROM audit_waiting"
check "the node with the lease dies ($victim)" kill_node $victim
began=$SECONDS
check "the session goes on at $other" account_at $other
check "who signs out there" signs_out $other
check "is signed out" nobody_at $other
check "somebody signs in there" sign_in $other
check "the other worker takes over" within 120 is 0 "SELECT count(*) FROM audit_waiting"
printf '# after %s s\n' $((SECONDS - began))
check "when the lease of 30 s is over" test $((SECONDS - began)) -le 90 # machines may be slow
check "also what needs the authority's keys" within 120 is "1" "SELECT count(*) FROM lease WHERE name = 'authority' AND holder <> '$holder'"
check "letters that were handed in at $victim are whole at $other" platform_crowd verify --url "${URL_OF[$other]}" --notes notes
check "revocation lists are made there" "$REFRENDA" ca crl --now --home "$WORK/$other"
check "certificates issued" "$REFRENDA" ca issue --home "$WORK/$other" --profile tls-client --attribute c=PE --attribute "o=Entidad Inventada" \
    --attribute cn=otra --new-key P-256 --new-pass-file node.password -o otra.p12

# ---- The node for pages ----

check "the node for pages starts" start_node c
check "the session goes on there" account_at c
check "letters are whole there" platform_crowd verify --url "${URL_OF[c]}" --notes notes
check "somebody signs in there" sign_in c
check "it never asks for the lease of who has keys" is 0 \
    "SELECT count(*) FROM lease WHERE name = 'authority' AND holder LIKE '%' || to_hex($(stat -c %i c)::bigint)"
check "nothing failed there" bash -c "! grep -E '\"level\":\"(error|warning)\"' c.log | grep -v no-catalogue"
check "nobody issues certificates there" bash -c "! '$REFRENDA' ca issue --home '$WORK/c' --profile tls-client --attribute c=PE --attribute o=E \
    --attribute cn=otra --new-key P-256 --new-pass-file node.password -o none.p12"
check "$victim comes back" start_node $victim
check "with all sessions" account_at $victim

check "the audit is whole" "$REFRENDA" audit verify --home "$WORK/$other"
check "the log is whole" within 120 "$REFRENDA" log verify "http://127.0.0.1:$(sed -n '/^status:/,/^[a-z]*:/ s/.*listen.*:\([0-9]*\)".*/\1/p' $other/refrenda.yaml)" --key a/public/log.pem
for node in a b c; do check "$node ends" stop_node $node; done
check "no process was ended by its sandbox" bash -c "! grep forbidden-call a.log b.log c.log"
finish
