#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The pages of the organisation, by a real server and without script: entities, units, positions, people, appointments,
# import of files with a trial, departures; who may, what is refused, and that what was typed stays.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"

have curl python3 openssl || skip_all "no curl, python3 or openssl"
[ -x "$BUILD/refrendad" ] || skip_all "no refrendad in this build"
HOME_FOLDER=$WORK/home
authority_init "$HOME_FOLDER" >init.log 2>&1 || skip_all "no authority: $(tail -1 init.log)"
cp "$HOME_FOLDER/refrenda.yaml" plain.yaml
start() { # on a port of its own; another program may take it before
    local try
    for try in 1 2 3; do
        read -r WEB_PORT < <(free_ports 1)
        URL=http://127.0.0.1:$WEB_PORT
        { cat plain.yaml; printf 'web:\n  listen: ["127.0.0.1:%s"]\n  url: "%s"\n  name: "Casa Ficticia"\n' "$WEB_PORT" "$URL"; } >"$HOME_FOLDER/refrenda.yaml"
        authority_start "$HOME_FOLDER" && return 0
    done
    return 1
}
check "the server starts" start
DATABASE=$HOME_FOLDER/data/refrenda.db
python3 "$SOURCE/tests/support/access_world.py" "$DATABASE" >tokens || exit 1
sql() { authority_sql "$DATABASE" "$1"; }
# Lucía is of the personnel office, too.
python3 - "$DATABASE" <<'WORLD' || exit 1
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=30) as db:
    db.execute("INSERT INTO role_assignment(person, role, entity, unit, home, starts, ends, giver, ender, end_reason, sort_name, told) "
               "VALUES (9, 'personnel', 1, 1, 1, 0, NULL, 'system:test', '', '', 'x', 0)")
WORLD

O=/organizacion
token() { awk -v name="$1" '$1 == name { print $2 }' tokens; }
ask() { # name path curl-option...
    local name=$1 path=$2
    shift 2
    curl --silent --show-error --max-time 60 -H "Cookie: __Host-refrenda=$(token "$name")" -H "Accept: text/html" \
        -H "Accept-Language: en" "$@" "$URL$path"
}
status_of() { ask "$@" --output /dev/null --write-out '%{http_code}\n'; }
hidden() { grep -o "name=\"$1\" value=\"[^\"]*\"" page.html | head -1 | sed 's/.*value="//; s/"$//'; }
# Sends a form: the page at FROM has the token.
send() { # name from path curl-option...
    local name=$1 from=$2 path=$3
    shift 3
    ask "$name" "$from" --output page.html
    ask "$name" "$path" -F "csrf=$(hidden csrf)" --include "$@" >answer.txt
    cat answer.txt
}
fill() { # name path field...: a form that is sent to its own address
    local name=$1 path=$2
    shift 2
    send "$name" "$path" "$path" "$@"
}
led_to() { grep -i '^location:' answer.txt | grep -o '[0-9]*' | tail -1; }

# Who may see what.
for row in "lucia $O 200" "lucia $O/personas 200" "lucia $O/unidades 200" "lucia $O/cargos 200" "lucia $O/nombramientos 200" \
    "lucia $O/buzones 200" "lucia $O/grupos 200" "lucia $O/ceses 200" "lucia $O/importar 200" "lucia $O/unidades/nueva 200" \
    "hugo $O 200" "hugo $O/unidades/nueva 403" "hugo $O/importar 403" "hugo $O/personas/4 200" "hugo $O/personas/7 403" \
    "ana $O/personas 403" "aurora $O/personas 200" "aurora $O/personas/nueva 403" "adan $O/entidades/nueva 200" \
    "lucia $O/unidades/99 404" "lucia $O/unidades/x 404" "lucia $O/personas/99 404"; do
    read -r who path wanted <<<"$row"
    check_says "$wanted" "$who at $path: $wanted" status_of "$who" "$path"
done
check_says "Oficina de Tecnolog" "the tree shows the units" ask lucia $O
check_says "<details" "as one that opens without script" ask lucia $O

# Entities.
check_says 303 "an entity is entered" fill adan $O/entidades/nueva -F "name=Gobierno de Ejemplo" -F short_name=GE -F document=pe/ruc \
    -F "tax_number=20512333797" -F "domains=ejemplo.gob.pe"
ENTITY=$(led_to)
check_says "Gobierno de Ejemplo" "and shown" ask adan "$O/entidades/$ENTITY"
check_says 422 "twice it is refused" fill adan $O/entidades/nueva -F "name=Otro <b>gobierno</b>" -F short_name=GE -F document=pe/ruc -F "tax_number=20512333797"
check_log "There is already an entity with this number" "beside the field"
check_log "Otro &lt;b&gt;gobierno&lt;/b&gt;" "what was typed stays, as text"
check_says "check digit" "a wrong check digit is told" fill adan $O/entidades/nueva -F name=X -F short_name=X -F document=pe/ruc -F tax_number=20512333979
check_says 403 "a new entity is not personnel's to enter" fill lucia $O/entidades/nueva -F name=X -F short_name=X -F document=es/nif -F tax_number=Q2826000H

# Units and positions.
check_says 303 "a unit is entered" fill lucia "$O/unidades/nueva?superior=2" -F entity=1 -F parent=GAF -F code=ORH -F abbreviation=ORH -F "name=Oficina de Recursos Humanos"
UNIT=$(led_to)
check_says "/1/2/$UNIT/" "below the one that was named" sql "SELECT path FROM unit WHERE id = $UNIT"
check_says 422 "its code is its own" fill lucia $O/unidades/nueva -F entity=1 -F code=ORH -F abbreviation=O -F name=Otra
check_says 422 "a unit above that is not there" fill lucia $O/unidades/nueva -F entity=1 -F parent=NADA -F code=X -F abbreviation=O -F name=Otra
check_log "There is no unit of this code" "is told"
check_says 303 "a unit is moved" fill lucia "$O/unidades/$UNIT/editar" -F entity=1 -F parent=OTRA -F code=ORH -F abbreviation=ORH -F "name=Oficina de Personal"
check_says "/1/4/$UNIT/" "with all that is below" sql "SELECT path FROM unit WHERE id = $UNIT"
check_says 422 "not below itself" fill lucia "$O/unidades/4/editar" -F entity=1 -F parent=ORH -F code=OTRA -F abbreviation=OTRA -F name=Otra
check_says 303 "a position is entered" fill lucia "$O/cargos/nuevo?unidad=$UNIT" -F entity=1 -F unit=ORH -F name=Jefatura -F head=1 -F places=1
POSITION=$(led_to)
check_says 422 "another head is refused" fill lucia $O/cargos/nuevo -F entity=1 -F unit=ORH -F name=Subjefatura -F head=1 -F places=1
check_says 422 "no places are none" fill lucia $O/cargos/nuevo -F entity=1 -F unit=ORH -F name=Asesor -F places=0

# People and appointments.
check_says "8 digits" "the form says how numbers are written" ask lucia $O/personas/nueva
check_says 303 "a person is entered" fill lucia $O/personas/nueva -F document=pe/dni -F "number=00000312-$(python3 -c "print('65432110987'[sum(int(a)*w for a,w in zip('00000312',(3,2,7,6,5,4,3,2)))%11])")" \
    -F "given_names=Rosa" -F "surname=Ñahui" -F "second_surname=Inventada" -F mail=rosa@ejemplo.pe -F "mobile=+51 987 654 321" -F language=es
PERSON=$(led_to)
check_says 200 "and can be looked at before any appointment" status_of lucia "$O/personas/$PERSON"
check_says 422 "twice is refused" fill lucia $O/personas/nueva -F document=pe/dni -F number=00000312 -F given_names=R -F surname=N -F language=es
check_log "There is already a person with this document" "beside the number"
check_says 422 "digits that are exchanged" fill lucia $O/personas/nueva -F document=es/dni -F number=54632315K -F given_names=R -F surname=N -F language=es
check_log "The check digit does not fit" "are found"
check_says 303 "an RFC that the SAT gave out against its own rule is taken" fill lucia $O/personas/nueva -F document=mx/rfc-persona -F number=XAXX010101AB9 -F given_names=R -F surname=N -F language=es
check_says 422 "nobody is appointed who is not there" fill lucia "$O/nombramientos/nuevo?cargo=$POSITION" -F document=pe/dni -F number=00000999 -F entity=1 -F unit=ORH -F position=Jefatura -F starts=2026-01-01
check_log "enter the person first" "and is told so"
check_says 303 "somebody is appointed" fill lucia "$O/nombramientos/nuevo?cargo=$POSITION" -F document=pe/dni -F number=00000312 -F entity=1 -F unit=ORH -F position=jefatura -F starts=2026-01-01 -F "resolution=R-7"
APPOINTMENT=$(led_to)
check_says "R-7" "the appointment is shown" ask lucia "$O/nombramientos/$APPOINTMENT"
check_says "ORH" "and at the person" ask lucia "$O/personas/$PERSON"
check_says 422 "not twice to one place" fill lucia $O/nombramientos/nuevo -F document=pe/dni -F number=00000004 -F entity=1 -F unit=ORH -F position=Jefatura -F starts=2026-02-01
check_says "Ñahui" "people are found by a part of their surname, without its tilde too" ask lucia "$O/personas?buscar=%C3%B1ahu"
check_says "00000312" "and by number" ask lucia "$O/personas?buscar=0000031"
check_says "Rosa" "people as a file" ask lucia "$O/personas?formato=csv"
check_says 409 "a position that is held is not closed" send lucia "$O/cargos/$POSITION/cerrar" "$O/cargos/$POSITION/cerrar"
check_says 409 "nor a unit with a position" send lucia "$O/unidades/$UNIT/cerrar" "$O/unidades/$UNIT/cerrar"
check_log "Jefatura" "which is named"

# Mailboxes and groups.
check_says 303 "a mailbox is entered" fill lucia $O/buzones/nuevo -F entity=1 -F unit=ORH -F level=local -F mail=personal@muni.example
check_says "personal@muni.example" "and listed" ask lucia $O/buzones
check_says 422 "a level that is not there" fill lucia $O/buzones/nuevo -F entity=1 -F unit=ORH -F level=galactico -F mail=x@muni.example
check_says 303 "a group is entered" fill lucia $O/grupos/nuevo -F entity=1 -F "name=Central de atención" -F mail=ayuda@muni.example
GROUP=$(led_to)
check_says 303 "somebody joins it" send lucia "$O/grupos/$GROUP" "$O/grupos/$GROUP/miembros" -F number=00000312 -F action=join
check_says "Ñahui" "and is in it" ask lucia "$O/grupos/$GROUP"
check_says 422 "nobody does not" send lucia "$O/grupos/$GROUP" "$O/grupos/$GROUP/miembros" -F number=00000999 -F action=join

# Files.
for kind in unidades cargos personas; do
    check_says "$(head -c 6 <"$SOURCE/examples/organisation/$kind.csv")" "a file of $kind to begin with" ask adan "$O/importar/modelo/$kind"
    check_says "Nothing has been changed yet" "$kind are tried" fill adan $O/importar -F "entity=$ENTITY" -F "file=@$SOURCE/examples/organisation/$kind.csv"
    cp answer.txt page.html
    before=$(sql "SELECT count(*) FROM unit") blob=$(hidden blob)
    check_says 303 "$kind are imported" ask adan $O/importar/confirmar -F "csrf=$(hidden csrf)" -F "entity=$ENTITY" -F "blob=$blob" --include
    [ "$kind" != unidades ] || check "which changed something" test "$(sql "SELECT count(*) FROM unit")" -gt "$before"
    check_says "Everything in the file is there already" "$kind once more change nothing" fill adan $O/importar -F "entity=$ENTITY" -F "file=@$SOURCE/examples/organisation/$kind.csv"
done
check_says 12 "all people of the file are there" sql "SELECT count(*) FROM appointment WHERE entity = $ENTITY"
printf 'codigo,siglas,nombre\n09,NUEVA,Nueva\n10,,Sin siglas\n' >wrong.csv
check_says "Some lines are wrong" "a wrong line" fill adan $O/importar -F "entity=$ENTITY" -F "file=@wrong.csv"
check_log "siglas: This is needed" "is told"
check_says 0 "and nothing is imported" sql "SELECT count(*) FROM unit WHERE code = '09'"
head -c 4096 /dev/urandom >noise.csv
check_says 422 "noise is no file" fill adan $O/importar -F "entity=$ENTITY" -F "file=@noise.csv"
check_says 422 "no file is none" fill adan $O/importar -F "entity=$ENTITY"
check_says 403 "an entity that one may not import into" fill lucia $O/importar -F "entity=$ENTITY" -F "file=@wrong.csv"
check_says 404 "a file that nobody tried" send adan $O/importar $O/importar/confirmar -F "entity=$ENTITY" -F blob=0000000000000000000000000000000000000000000000000000000000000000
check_says 403 "nor may she confirm another's file" send lucia $O/importar $O/importar/confirmar -F "entity=$ENTITY" -F "blob=$blob"

# Departures.
check_says "Find the person" "a departure begins with the person" ask lucia $O/ceses/nuevo
check_says 303 "a departure is reported" fill lucia "$O/ceses/nuevo?persona=$PERSON" -F "appointment=$APPOINTMENT" -F leaves=2026-12-31 -F "reason=Renuncia"
DEPARTURE=$(led_to)
check_says "Central de atenci" "what hangs on it is proposed" ask lucia "$O/ceses/$DEPARTURE"
check_says None "nothing is closed yet" sql "SELECT ends FROM appointment WHERE id = $APPOINTMENT"
check_says 422 "twice is refused" fill lucia "$O/ceses/nuevo?persona=$PERSON" -F "appointment=$APPOINTMENT" -F leaves=2026-12-31 -F "reason=Renuncia"
check_says 403 "who reports does not decide" send lucia $O/importar "$O/ceses/$DEPARTURE/decidir" -F action=confirm -F tick=1
TICKS=$(sql "SELECT id FROM departure_proposal WHERE departure = $DEPARTURE" | sed 's/^/-F tick=/')
# shellcheck disable=SC2086
check_says 303 "several are confirmed at once" send adan "$O/ceses/$DEPARTURE" "$O/ceses/$DEPARTURE/decidir" -F action=confirm $TICKS
check_says 0 "and are closed" sql "SELECT undecided FROM departure WHERE id = $DEPARTURE"
check_says 1 "the appointment has its end" sql "SELECT count(*) FROM appointment WHERE id = $APPOINTMENT AND ends > 0"
# shellcheck disable=SC2086
check_says 303 "once more changes nothing" send adan "$O/ceses/$DEPARTURE" "$O/ceses/$DEPARTURE/decidir" -F action=keep $TICKS
check_says 0 "what was confirmed stays so" sql "SELECT count(*) FROM departure_proposal WHERE state = 'kept'"
check_says 0 "the person's data stay open" sql "SELECT closed FROM person WHERE id = $PERSON"

# Without the token nothing is taken.
check_says 403 "a form without its token" ask lucia $O/unidades/nueva -F entity=1 -F code=Z -F abbreviation=Z -F name=Z --include
finish
