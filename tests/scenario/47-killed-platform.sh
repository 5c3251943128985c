#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Processes of the platform are killed while people sign in, change passwords, ask for roles, hand in letters and approve: what was
# acknowledged is there once, roles are those of the requests, letters are whole, the audit is whole. On SQLite and on PostgreSQL.
#   KILL_SECONDS   how long people work (scripts/soak: 600)      KILL_REST   seconds between two kills, on top of one at random
. "${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"
. "$SOURCE/tests/support/platform.sh"
[ -x "$BUILD/refrendad" ] || skip_all "no refrendad in this build"
have python3 curl openssl || skip_all "python3, curl or openssl is missing"
: "${KILL_SECONDS:=10}" "${KILL_REST:=1}"
home=$WORK/home
kind=${REFRENDA_POSTGRESQL:+PostgreSQL}
kind=${kind:-SQLite}

# Until the file is gone: one role after the other loses a process, at a time that nobody knows.
killer() {
    local roles=(web keeper web worker) i=0 children victim
    while [ -e "$WORK/.killing" ]; do
        sleep $((KILL_REST + RANDOM % 2)).$((RANDOM % 8 + 1))
        mapfile -t children < <(authority_child "${roles[i % 4]}")
        [ ${#children[@]} -gt 0 ] || continue
        victim=${children[RANDOM % ${#children[@]}]}
        kill -KILL "$victim" 2>/dev/null && echo "${roles[i % 4]}" >>"$WORK/killed" && echo "$victim" >"$WORK/victim"
        i=$((i + 1))
    done
}

ready() { authority_is_ready && curl -sf -m 10 -o /dev/null "$WEB_URL/acceso"; }

# Blobs without a row may be left by who was killed; a row without its blob never.
rows_have_blobs() {
    local id missing=0
    for id in $(authority_sql "$DATABASE" "SELECT id FROM blob"); do
        [ -s "$WORK/blobs/${id:0:2}/$id" ] || { echo "$id is missing"; missing=1; }
    done
    return $missing
}

check "$kind: an administration" platform_init "$home" "${REFRENDA_POSTGRESQL:-}" $((200 + KILL_SECONDS * 6))
check "$kind: the server starts" authority_start "$home"
touch "$WORK/.killing"
killer &
check "$kind: people find their way while processes die" platform_crowd work --url "$WEB_URL" --seconds "$KILL_SECONDS" --people 3 --notes notes
rm "$WORK/.killing"
wait $!
eventually test ! -e "/proc/$(cat victim)" # the server knows who was killed last
sed 's/^/# /' "$LOG"
check "$kind: everything comes back" eventually ready
check "$kind: the sequencer catches up" eventually authority_is_sequenced "$DATABASE"
check "$kind: what was acknowledged is there, once" platform_crowd verify --url "$WEB_URL" --notes notes
sed 's/^/# /' "$LOG"
printf '# %s: %s processes were killed (%s); %s\n' "$kind" "$(wc -l <killed)" \
    "$(sort killed | uniq -c | awk '{ printf "%s%s %s", separator, $1, $2; separator = ", " }')" "$(head -n 1 "$LOG")"
check "$kind: every blob of a row is there" rows_have_blobs
sed 's/^/# /' "$LOG"
check "$kind: the audit is whole" "$REFRENDA" audit verify --home "$home"
check "$kind: no process was ended by its sandbox" test "$(grep -c forbidden-call "$home.log")" = 0
check "$kind: the server stops" authority_stop

if [ "$kind" = SQLite ]; then
    if "$SOURCE/tests/support/postgresql-server" true >/dev/null 2>&1; then
        check "the same on PostgreSQL" "$SOURCE/tests/support/postgresql-server" env WORK="$WORK/again" bash -c \
            'mkdir -p "$WORK" && bash "$SOURCE/tests/scenario/47-killed-platform.sh"'
        grep -E '^(not )?ok|^#' "$LOG" | sed 's/^/# /'
    else
        skip "PostgreSQL is not installed"
    fi
fi
finish
