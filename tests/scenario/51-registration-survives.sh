#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Registration at the pages of a real server: two agents at one request, every form sent several times at once, links that are over or
# made up, forged folios, another unit's requests, files that are too large or not what they say, and the server killed at each step from
# asking to revoking. The right answer each time, and nothing lost. On SQLite and on PostgreSQL.
#   KILL_ROUNDS   how often all steps are gone through while the server is killed
. "${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"
. "$SOURCE/tests/support/platform.sh"
[ -x "$BUILD/refrendad" ] || skip_all "no refrendad in this build"
have python3 curl openssl || skip_all "python3, curl or openssl is missing"
: "${KILL_ROUNDS:=2}"
home=$WORK/home
kind=${REFRENDA_POSTGRESQL:+PostgreSQL}
kind=${kind:-SQLite}

agent() { # name number names surnames
    local secret=$home/$1.password
    printf 'clave de agente\n' >"$secret"
    "$REFRENDA" ca issue --home "$home" --profile agent --attribute c=PE --attribute "o=Entidad Inventada de Demostración" \
        --attribute "title=Agente de certificación" --attribute "sn=$4" --attribute "givenName=$3" --attribute "serialNumber=IDCPE-$2" \
        --attribute "cn=$3 $4 (DEMO, sin valor legal)" --mail "$1@entidad.example" --new-key P-256 --new-pass-file "$secret" \
        --p12 "$home/agente.p12" --pass-file "$home/agente.password" -o "$home/$1.p12" &&
        openssl pkcs12 -in "$home/$1.p12" -passin "file:$secret" -nokeys -clcerts -out "$home/$1.pem" &&
        "$REFRENDA" ca register agent "$1" "$home/$1.pem" --home "$home" --profile pe-natural-person
}

# The third one is of Control Urbano alone, and has no other role there.
other_unit() {
    local sql="INSERT INTO role_assignment(person, role, entity, unit, home, starts, giver, ender, end_reason, sort_name, told) SELECT p.id,
        'certifying_agent', u.entity, u.id, u.id, 0, 'system:test', '', '', p.sort_name, false FROM person p, unit u WHERE p.number = '00000120' AND u.code = 'SCU'"
    local account="INSERT INTO account(code, person, level, state, password, must_change, factors, language, created) SELECT 'U0120', id, 2, 'open', '',
        false, 0, 'es', 0 FROM person WHERE number = '00000120'"
    case $DATABASE in
    postgresql://*) psql -qAt -v ON_ERROR_STOP=1 "$DATABASE" -c "$sql" -c "$account" ;;
    *) authority_sql_write "${DATABASE#sqlite:}" "$sql" && authority_sql_write "${DATABASE#sqlite:}" "$account" ;;
    esac
}

# Each line of the story is a test of this script.
story() { # case argument...
    local line
    python3 "$SOURCE/tests/support/registration_story.py" "$@" --home "$home" --url "$WEB_URL" --database "$DATABASE" --status "$STATUS_URL" \
        --ready "http://127.0.0.1:$METRICS_PORT/health/ready" --refrendad "$BUILD/refrendad" >"$WORK/story" 2>"$LOG"
    local status=$?
    while IFS= read -r line; do
        case $line in
        "ok "*) report ok "$kind: ${line#ok }" ;;
        "not ok "*)
            echo "$line" >>"$LOG"
            report not-ok "$kind: ${line#not ok }"
            ;;
        esac
    done <"$WORK/story"
    [ "$status" -le 1 ] && [ -s "$WORK/story" ] && grep -q "^ok" "$WORK/story"
}

check "$kind: an administration" platform_init "$home" "${REFRENDA_POSTGRESQL:-}" 4
check "$kind: a second agent" agent agente-2 00000121 WANDA "POSTULADA RIVAS"
check "$kind: an agent of another unit" agent agente-3 00000120 ULISES "MÍTICO PONCE"
check "$kind: who works there" other_unit
check "$kind: the server starts" authority_start "$home"
for case in races doubles links units files; do
    story "$case"
    [ $? = 0 ] && report ok "$kind: $case, to the end" || report not-ok "$kind: $case, to the end"
done
check "$kind: the server stops" authority_stop
story kills --rounds "$KILL_ROUNDS"
[ $? = 0 ] && report ok "$kind: kills, to the end" || report not-ok "$kind: kills, to the end"
check "$kind: the server starts again" authority_start "$home"
check "$kind: the sequencer catches up" eventually authority_is_sequenced "$DATABASE"
check "$kind: the audit is whole" "$REFRENDA" audit verify --home "$home"
check "$kind: no process was ended by its sandbox" test "$(grep -c forbidden-call "$home.log")" = 0
check "$kind: the server stops at the end" authority_stop

if [ "$kind" = SQLite ]; then
    if "$SOURCE/tests/support/postgresql-server" true >/dev/null 2>&1; then
        check "the same on PostgreSQL" "$SOURCE/tests/support/postgresql-server" env WORK="$WORK/again" KILL_ROUNDS="$KILL_ROUNDS" bash -c \
            'mkdir -p "$WORK" && bash "$SOURCE/tests/scenario/51-registration-survives.sh"'
        grep -E '^(not )?ok|^#' "$LOG" | sed 's/^/# /'
    else
        skip "PostgreSQL is not installed"
    fi
fi
finish
