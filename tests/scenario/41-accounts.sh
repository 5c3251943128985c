#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Signing in to a real server, by its pages and without script: passwords, the forced change, forgotten passwords, second
# factors, sessions, accounts by an administrator; and what hostile people try.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"

have curl python3 || skip_all "no curl or python3"
[ -x "$BUILD/refrendad" ] || skip_all "no refrendad in this build"
HOME_FOLDER=$WORK/home
authority_init "$HOME_FOLDER" >init.log 2>&1 || skip_all "no authority: $(tail -1 init.log)"
"$REFRENDA" demo fill --home "$HOME_FOLDER" >fill.log 2>&1 || skip_all "no demonstration: $(tail -1 fill.log)"
cp "$HOME_FOLDER/refrenda.yaml" plain.yaml
start() { # on a port of its own; another program may take it before
    local try
    for try in 1 2 3; do
        read -r WEB_PORT < <(free_ports 1)
        URL=http://localhost:$WEB_PORT
        { cat plain.yaml; printf 'web:\n  listen: ["127.0.0.1:%s"]\n  url: "%s"\n  name: "Casa Ficticia"\n  proxies: ["127.0.0.1"]\n' \
            "$WEB_PORT" "$URL"; } >"$HOME_FOLDER/refrenda.yaml"
        authority_start "$HOME_FOLDER" && return 0
    done
    return 1
}
check "the server starts" start
DATABASE=$HOME_FOLDER/data/refrenda.db
PASSWORD=$(sed -n '2s/^[^,]*,\([^,]*\),.*/\1/p' "$HOME_FOLDER/demo-accounts.csv")
NEW='vicuñas 12 al alba'
sql() { authority_sql "$DATABASE" "$1"; }
sql_write() { authority_sql_write "$DATABASE" "$1"; }
sql_write "UPDATE account SET language = 'en'" # what is looked for below

# Each visitor has a jar of cookies and an address of his own.
ask() { # visitor path curl-option...
    local who=$1 path=$2
    shift 2
    curl --silent --show-error --max-time 60 --cookie "$who.jar" --cookie-jar "$who.jar" -H "Accept: text/html" -H "Accept-Language: en" \
        -H "X-Forwarded-For: 10.$((0x$(printf %s "$who" | md5sum | cut -c1-2))).$((RANDOM % 250)).1" "$@" "$URL$path"
}
status_of() { ask "$@" --output /dev/null --write-out '%{http_code}\n'; }
hidden() { grep -o "name=\"$1\" value=\"[^\"]*\"" "$2" | head -1 | sed 's/.*value="//; s/"$//'; }
# Sends a form: the page at FROM has the token. The answer with its head, then where it leads.
send() { # visitor from path curl-option...
    local who=$1 from=$2 path=$3
    shift 3
    ask "$who" "$from" --output "$who.html"
    ask "$who" "$path" --data-urlencode "csrf=$(hidden csrf "$who.html")" --include "$@"
}
sign_in() { # visitor name password curl-option...
    local who=$1 name=$2 password=$3
    shift 3
    send "$who" /acceso /acceso --data-urlencode "usuario=$name" --data-urlencode "clave=$password" "$@"
}
token() { awk '$6 == "__Host-refrenda" { print $7 }' "$1.jar"; }
mailed() { # message: the path of the newest link
    sql "SELECT body FROM outbox WHERE name = '$1' ORDER BY id DESC LIMIT 1" | grep -o '/acceso/enlace/[A-Za-z0-9_-]*' | head -1
}
code_now() { # secret (base32)
    python3 - "$1" <<'END'
import base64, hashlib, hmac, struct, sys, time
mac = hmac.new(base64.b32decode(sys.argv[1]), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
at = mac[-1] & 15
print(f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 1000000:06}")
END
}

# The page, and a password.
check_says 'name="usuario"' "the page to sign in" ask ana /acceso
check_says 'autocomplete="current-password"' "password managers know its fields" ask ana /acceso
check_says "Location: /" "a right password signs in" sign_in ana U0001 "$PASSWORD"
check_says 200 "and its session opens the account" status_of ana /cuenta
check_says "not right" "a wrong one does not" sign_in bob U0002 wrong-password
check_says "not right" "and a name that is not there has the same answer" sign_in bob U9999 wrong-password
check_says "Location: /cuenta" "one goes on where one wanted to" sign_in carl 00000201 "$PASSWORD" --data-urlencode volver=/cuenta
for back in //evil.example https://evil.example '/\evil.example' /acceso; do
    check_says "Location: /"$'\r' "but not to $back" sign_in "back$((visitor = ${visitor:-0} + 1))" U0003 "$PASSWORD" --data-urlencode "volver=$back"
done
check "no password is in any log" sh -c "! grep -qF -e '$PASSWORD' '$HOME_FOLDER.log'"

# Sessions: a new token at every step, and what is kept of it.
check_says 403 "a form without its token is refused" status_of ana /cuenta/idioma --data idioma=en
check_says 403 "or sent by another site" status_of ana /cuenta/idioma --data-urlencode "csrf=$(ask ana /cuenta | grep -o 'name="csrf" value="[^"]*"' |
    head -1 | sed 's/.*value="//; s/"$//')" --data idioma=en -H "Origin: http://evil.example"
printf 'localhost\tFALSE\t/\tTRUE\t0\t__Host-refrenda\tAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n' >fixed.jar
check_says "Location: /" "somebody whose token was fixed signs in" sign_in fixed U0004 "$PASSWORD"
check "and has another one" test "$(token fixed)" != AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
check "tokens are nowhere in the database" sh -c "! grep -qaF '$(token ana)' '$DATABASE' '$DATABASE-wal'"
cp ana.jar stolen.jar
check_says "Location: /acceso" "signing out" send ana /cuenta /salir
check_says 303 "ends the session, for who copied the cookie too" status_of stolen /cuenta

# From the third try on, a proof of work or a wait.
check_says "not right" "a second wrong try" sign_in bob U0002 wrong-password
waits_go_on() { sql_write "UPDATE sign_in_counter SET waits = waits + 3600000000 WHERE waits > 0"; } # however slow the machine is
waits_go_on
check_says "security code" "the third asks for the security code" sign_in bob U0002 "$PASSWORD"
check_says '"maxnumber"' "of which this is the work" ask bob /acceso/codigo-de-seguridad
solve() {
    ask bob /acceso/codigo-de-seguridad >code.json
    python3 - <<'END'
import base64, hashlib, json
q = json.load(open("code.json"))
q["number"] = next(n for n in range(q.pop("maxnumber") + 1) if hashlib.sha256(f"{q['salt']}{n}".encode()).hexdigest() == q["challenge"])
print(base64.b64encode(json.dumps(q).encode()).decode())
END
}
PROOF=$(solve)
check_says "Location: /" "with it the right password signs in" sign_in bob U0002 "$PASSWORD" --data-urlencode "codigo-de-seguridad=$PROOF"
for try in 1 2; do sign_in eve U0002 wrong >/dev/null; done
waits_go_on
check_says "security code" "it counts once" sign_in eve U0002 "$PASSWORD" --data-urlencode "codigo-de-seguridad=$PROOF"

# Ten wrong ones lock; only who knows the password hears of it, and a mail unlocks.
for try in $(seq 12); do sign_in eve U0005 wrong --data-urlencode "codigo-de-seguridad=$(solve)" >/dev/null; done
check_says locked "the account is locked" sql "SELECT state FROM account WHERE code = 'U0005'"
check_says "not right" "who guesses is not told" sign_in eve U0005 wrong --data-urlencode "codigo-de-seguridad=$(solve)"
check_says "is locked" "who knows the password is" sign_in gloria U0005 "$PASSWORD" --data-urlencode "codigo-de-seguridad=$(solve)"
LINK=$(mailed account-locked)
check_says "Location: /acceso/desbloquear" "the link in the mail leaves the address" ask gloria "$LINK" --include
check_says "Location: /acceso" "and unlocks" send gloria /acceso/desbloquear /acceso/desbloquear
check_says "not good any more" "once" ask gloria "$LINK"
check_says "Location: /" "then one signs in" sign_in gloria U0005 "$PASSWORD" --data-urlencode "codigo-de-seguridad=$(solve)"

# Forgotten: the same answer whether or not there is the address; the link works once, and looking at it uses nothing up.
answer() { send "asks$RANDOM$RANDOM" /acceso/recuperar /acceso/recuperar --data-urlencode "quien=$1" | sed '1,/^\r$/d' | sed 's/value="[^"]*"//g'; }
answer U0006 >there.txt
answer nobody@example.com >none.txt
check "asking for a link says the same of everybody" cmp there.txt none.txt
LINK=$(mailed recovery)
for try in 1 2; do check_says "Location: /acceso/clave-nueva" "opening the link ($try)" ask elvira "$LINK" --include; done
check_says "at least 8" "a short password is told beside its field" send elvira /acceso/clave-nueva /acceso/clave-nueva --data-urlencode password=short \
    --data-urlencode repeat=short
check_says "most common" "a common one too" send elvira /acceso/clave-nueva /acceso/clave-nueva --data-urlencode password=qwertyuiop \
    --data-urlencode repeat=qwertyuiop
cp elvira.jar twin.jar
use_link() { send "$1" /acceso/clave-nueva /acceso/clave-nueva --data-urlencode "password=$NEW $1" --data-urlencode "repeat=$NEW $1" >"$1.answer"; }
ask elvira /acceso/clave-nueva --output elvira.html
ask twin /acceso/clave-nueva --output twin.html
use_link elvira & FIRST=$!
use_link twin & SECOND=$!
wait "$FIRST" "$SECOND"
check "of two who use it at once one does" test "$(cat elvira.answer twin.answer | grep -ci '^location: /acceso')" = 1
WINNER=$(grep -li '^location: /acceso' elvira.answer twin.answer | head -1)
check_says "Location: /" "with that one's password" sign_in elvira2 U0006 "$NEW ${WINNER%.answer}"

# A temporary password has to be changed, and nothing else is possible before.
sign_in admin U0001 "$PASSWORD" >/dev/null
ID=$(sql "SELECT id FROM account WHERE code = 'U0007'")
check_says "Location: /administracion/cuentas/$ID" "an administrator sets a temporary password" \
    send admin "/administracion/cuentas/$ID/clave" "/administracion/cuentas/$ID/clave" --data-urlencode "password=$NEW"
check_says "Location: /acceso/cambiar-clave" "which has to be changed" sign_in dion U0007 "$NEW"
check_says 303 "before anything else" status_of dion /cuenta
check_says "is the old one" "to another one" send dion /acceso/cambiar-clave /acceso/cambiar-clave --data-urlencode "password=$NEW" \
    --data-urlencode "repeat=$NEW"
check_says "Location: /" "then one is signed in" send dion /acceso/cambiar-clave /acceso/cambiar-clave --data-urlencode "password=otra $NEW" \
    --data-urlencode "repeat=otra $NEW"
check_says 200 "with all there is" status_of dion /cuenta
check_says 403 "who is no administrator sees no accounts" status_of dion /administracion/cuentas
check_says 403 "and sets no passwords" send dion /cuenta "/administracion/cuentas/1/clave" --data-urlencode "password=$NEW"

# Changing one's password ends the other sessions.
sign_in one U0008 "$PASSWORD" >/dev/null
sign_in two U0008 "$PASSWORD" >/dev/null
check_says "not your present password" "the old password is asked for" send one /cuenta/clave /cuenta/clave --data-urlencode old=wrong \
    --data-urlencode "password=$NEW" --data-urlencode "repeat=$NEW"
check_says "Location: /cuenta" "a password is changed" send one /cuenta/clave /cuenta/clave --data-urlencode "old=$PASSWORD" \
    --data-urlencode "password=$NEW" --data-urlencode "repeat=$NEW"
check_says 200 "this session goes on" status_of one /cuenta
check_says 303 "the others are over" status_of two /cuenta
sign_in two U0008 "$NEW" >/dev/null
check_says "this one" "one sees one's sessions" ask one /cuenta/sesiones
check_says "Location: /cuenta/sesiones" "and closes all others" send one /cuenta/sesiones /cuenta/sesiones/cerrar-otras
check_says 303 "which are over" status_of two /cuenta
check_says '"seconds"' "a session goes on when asked to" send one /cuenta /cuenta/sesion/prolongar

# An authenticator app. A session that was left open does not change how its owner signs in.
sign_in app U0009 "$PASSWORD" >/dev/null
sql_write "UPDATE session SET signed_in = signed_in - 1000000000 WHERE account = (SELECT id FROM account WHERE code = 'U0009')"
check_says "Location: /cuenta/confirmar" "an old session is asked for the password first" ask app /cuenta/factores --include
check_says "Location: /cuenta/confirmar" "by forms, too" send app /cuenta /cuenta/factores/quitar
check_says "not your present" "a wrong one does not do" send app /cuenta/confirmar /cuenta/confirmar --data-urlencode clave=wrong
check_says "Location: /cuenta/factores" "the right one leads on" send app /cuenta/confirmar /cuenta/confirmar --data-urlencode "clave=$PASSWORD" \
    --data-urlencode volver=/cuenta/factores
send app /cuenta/factores /cuenta/factores >/dev/null
ask app /cuenta/factores >factors.html
SECRET=$(grep -o '<code class="secret">[^<]*' factors.html | sed 's/.*>//; s/ //g')
check "the app's key is shown, and drawn" grep -q '<figure class="qr".*<path' factors.html
check_says "not right" "a wrong code does not put it in force" send app /cuenta/factores /cuenta/factores/confirmar --data codigo=000000
USED=$(code_now "$SECRET")
check_says "Location: /cuenta/factores" "the right one does" send app /cuenta/factores /cuenta/factores/confirmar --data "codigo=$USED"
check_says "Location: /acceso/segundo-factor" "from then on it is asked for" sign_in app2 U0009 "$PASSWORD"
check_says 303 "the password alone opens nothing" status_of app2 /cuenta
check_says "not right, was used" "the code that was used is not taken again" send app2 /acceso/segundo-factor /acceso/segundo-factor --data con=app \
    --data "codigo=$USED"
sleep $((31 - $(date +%s) % 30))
check_says "Location: /" "the next one is" send app2 /acceso/segundo-factor /acceso/segundo-factor --data con=app --data "codigo=$(code_now "$SECRET")"
check_says 200 "and opens the account" status_of app2 /cuenta

# Codes by mail.
sign_in mail U0010 "$PASSWORD" >/dev/null
check_says "Location: /cuenta/factores" "codes by mail are switched on" send mail /cuenta/factores /cuenta/factores/mensajes --data por=correo --data usar=1
check_says "Location: /acceso/segundo-factor" "and asked for" sign_in mail2 U0010 "$PASSWORD"
check_says "Location: /acceso/segundo-factor" "one is sent" send mail2 /acceso/segundo-factor /acceso/segundo-factor/codigo --data con=correo
CODE=$(sql "SELECT body FROM outbox WHERE name = 'sign-in-code' ORDER BY id DESC LIMIT 1" | grep -o '\b[0-9]\{6\}\b' | head -1)
check_says "Location: /" "and taken" send mail2 /acceso/segundo-factor /acceso/segundo-factor --data con=correo --data "codigo=$CODE"

# Accounts of others.
sign_in matt U0011 "$PASSWORD" >/dev/null
ID=$(sql "SELECT id FROM account WHERE code = 'U0011'")
check_says "This cannot be undone" "closing an account asks first" ask admin "/administracion/cuentas/$ID/cerrar"
check_says "Location: /administracion/cuentas/$ID" "an account is closed" send admin "/administracion/cuentas/$ID/cerrar" "/administracion/cuentas/$ID/cerrar"
check_says 303 "its sessions end at once" status_of matt /cuenta
check_says "not right" "and nobody signs in with it" sign_in matt U0011 "$PASSWORD"
check_says "no person with this identity number" "a new account needs a person" send admin /administracion/cuentas/nueva /administracion/cuentas/nueva \
    --data numero=99999999 --data tipo=U
NUMBER=$(sql "SELECT number FROM person p WHERE id = (SELECT person FROM account WHERE code = 'U0011')")
check_says "Location: /administracion/cuentas/" "whose account was closed gets a new one" send admin /administracion/cuentas/nueva \
    /administracion/cuentas/nueva --data "numero=$NUMBER" --data tipo=E
check_says "Location: /acceso/clave-nueva" "with a link for its first password" ask matt "$(mailed first-password)" --include

# How long an answer takes does not tell which names there are. They are asked in turns; what the process worked is compared, and the
# shortest times: whatever else the machine does makes some longer, none shorter, and so the more are taken the better they are.
worked() { sed 's/.*) //' "/proc/$(authority_child web)/stat" | awk '{ print $12 + $13 }'; } # in hundredths of a second
timing() { # name: seconds, and the work
    local before
    ask "time$1" /acceso --output time.html
    before=$(worked)
    ask "time$1" /acceso --data-urlencode "csrf=$(hidden csrf time.html)" --data-urlencode "usuario=$1" --data clave=wrong-password \
        --output /dev/null --write-out '%{time_total}'
    echo " $(($(worked) - before))"
}
names_apart() {
    local round name
    : >there.times
    : >none.times
    for round in $(seq 10); do
        sql_write "DELETE FROM sign_in_counter" # each name is tried twice without a wait
        for name in 0003 0004 0006 0007 0012 0013 0014 0003 0004 0006 0007 0012 0013 0014; do
            timing "U$name" >>there.times
            timing "U7${name:1}" >>none.times
        done
        paste -d ' ' <(sort -n there.times) <(sort -n none.times) |
            awk -v round="$round" 'NR == 1 { there = $1; none = $3 } { work += $2; other += $4 }
                END { printf "%d: %s s and %s, work %d and %d\n", round, there, none, work, other
                      exit !(there < 1.8 * none && none < 1.8 * there && work < 1.8 * other && other < 1.8 * work) }' && return 0
    done
    return 1
}
check "names are not told apart by time" names_apart
sed 's/^/# /' "$LOG"

# The key of the apps' secrets is the keeper's to unwrap: it is there again after a restart, and nowhere in the clear.
check "the server ends" authority_stop
check "and starts again" start
sign_in app3 U0009 "$PASSWORD" >/dev/null
sleep $((31 - $(date +%s) % 30)) # each code counts once
check_says "Location: /" "the app's codes are still good" send app3 /acceso/segundo-factor /acceso/segundo-factor --data con=app --data "codigo=$(code_now "$SECRET")"
check_says 200 "and open the account" status_of app3 /cuenta
check "the app's secret is not in the database" sh -c "! grep -qaF '$SECRET' '$DATABASE'"
check "the server ends" authority_stop
finish
