#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Requests of roles and the auditor's pages, by the pages of a real server and without script: drafting, sending, deciding
# one and several, a signed approval, history, permissions, the audit trail.
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

token() { awk -v name="$1" '$1 == name { print $2 }' tokens; }
ask() { # name path curl-option...
    local name=$1 path=$2
    shift 2
    curl --silent --show-error --max-time 60 -H "Cookie: __Host-refrenda=$(token "$name")" -H "Accept: text/html" \
        -H "Accept-Language: en" "$@" "$URL$path"
}
status_of() { ask "$@" --output /dev/null --write-out '%{http_code}\n'; }
# The value of a hidden field of a page; or an attribute.
hidden() { grep -o "name=\"$1\" value=\"[^\"]*\"" page.html | head -1 | sed 's/.*value="//; s/"$//'; }
page() { ask "$1" "$2" --output page.html; } # name path
# Sends a form: the page at FROM has the token.
send() { # name from path curl-option...
    local name=$1 from=$2 path=$3
    shift 3
    page "$name" "$from"
    ask "$name" "$path" -F "csrf=$(hidden csrf)" --include "$@" >answer.txt
    cat answer.txt
}
# The number of the request that an answer leads to.
led_to() { grep -i '^location:' answer.txt | grep -o '[0-9]*' | tail -1; }
state() { authority_sql "$DATABASE" "SELECT state FROM access_request WHERE id = $1"; }
roles() { # person
    authority_sql "$DATABASE" "SELECT count(*) FROM role_assignment r JOIN person p ON p.id = r.person WHERE p.number = '$1' AND ends IS NULL"
}
draft() { # field...: a new one for Ana, with what makes it one
    send olga /accesos/solicitudes/nueva/4 /accesos/solicitudes/nueva/4 -F "unit=$(hidden unit)" -F "token=$(hidden token)" "$@"
}

# Who may see what.
for row in "olga /accesos/solicitudes 200" "olga /accesos/solicitudes/nueva 200" "olga /accesos/bandeja 403" "hugo /accesos/bandeja 200" \
    "hugo /accesos/solicitudes 403" "hugo /accesos/agentes 403" "lucia /accesos/agentes 200" "hugo /accesos/revision 200" \
    "ana /accesos/historial 200" "ana /auditoria 403" "adan /auditoria 403" "aurora /auditoria 200" "aurora /administracion/permisos 200" \
    "hugo /administracion/permisos 403" "adan /accesos/bandeja 403" "aurora /accesos/solicitudes/nueva/4 403" "olga /accesos/solicitudes/99 404" \
    "olga /accesos/solicitudes/x 404"; do
    read -r who path wanted <<<"$row"
    check_says "$wanted" "$who at $path: $wanted" status_of "$who" "$path"
done
check_says 303 "nobody is led to the sign-in page" curl -s -o /dev/null -w '%{http_code}' -H 'Accept: text/html' "$URL/accesos/bandeja"

# A draft, system by system, without script.
check_says "Ana" "a colleague is found by a part of the name" ask olga '/accesos/solicitudes/nueva?buscar=ana'
check_says "00000004" "and by the identity number" ask olga '/accesos/solicitudes/nueva?buscar=00000004'
page olga /accesos/solicitudes/nueva/4
check_says 'name="lines" value="signer"' "a system is added to the list" draft -F part=documentos -F action=add -F 'reason=Proyecto nuevo'
check_log "Proyecto nuevo" "what was typed stays"
page olga /accesos/solicitudes/nueva/4
check_says 422 "without a role it cannot be sent" draft -F action=send -F 'reason=Proyecto nuevo'
check_log "Tick at least one role" "and says why"
check_says 303 "a draft is saved" draft -F parts=documentos -F lines=signer -F action=save
ONE=$(led_to)
check_says 200 "its requester sees it" status_of olga "/accesos/solicitudes/$ONE"
check_says 404 "nobody else does" status_of hugo "/accesos/solicitudes/$ONE"
page olga "/accesos/solicitudes/$ONE/editar"
check_says 422 "it says why it is asked for before it is sent" send olga "/accesos/solicitudes/$ONE/editar" "/accesos/solicitudes/$ONE/editar" \
    -F unit=3 -F lines=signer -F action=send
check_says 303 "then it is sent" send olga "/accesos/solicitudes/$ONE/editar" "/accesos/solicitudes/$ONE/editar" -F unit=3 -F lines=signer \
    --form-string 'reason=<b>Proyecto</b> & más' -F action=send
check_says 303 "sent twice is sent once" send olga "/accesos/solicitudes/$ONE" "/accesos/solicitudes/$ONE/editar" -F unit=3 -F lines=signer \
    -F 'reason=otra' -F action=send
check_says "&lt;b&gt;Proyecto&lt;/b&gt; &amp; m" "what people write stays text" ask hugo "/accesos/solicitudes/$ONE"
check_says 403 "a form without its token is refused" status_of hugo "/accesos/solicitudes/$ONE/decidir" -F verdict=approve
check_says 403 "who asks does not decide" send olga "/accesos/solicitudes/$ONE" "/accesos/solicitudes/$ONE/decidir" -F verdict=approve
check_says 403 "nor a head of another unit" send otto /accesos/bandeja "/accesos/solicitudes/$ONE/decidir" -F verdict=approve
check_says 403 "nor the person" send ana /accesos/historial "/accesos/solicitudes/$ONE/decidir" -F verdict=approve
check_says 403 "nor the auditor" send aurora /auditoria/verificacion "/accesos/solicitudes/$ONE/decidir" -F verdict=approve
check_says "A-0001-" "it is in the head's tray" ask hugo /accesos/bandeja
check_says 422 "a rejection says why" send hugo "/accesos/solicitudes/$ONE" "/accesos/solicitudes/$ONE/decidir" -F verdict=reject
check_says 303 "approved" send hugo "/accesos/solicitudes/$ONE" "/accesos/solicitudes/$ONE/decidir" -F verdict=approve
check_says 409 "twice is too late" send delia "/accesos/bandeja" "/accesos/solicitudes/$ONE/decidir" -F verdict=approve
check_says 1 "the role acts at once" roles 00000004
check_says "Granted" "the page tells" ask olga "/accesos/solicitudes/$ONE"

# A double click on a new one.
page olga /accesos/solicitudes/nueva/4
KEY=$(hidden token)
for _ in 1 2; do ask olga /accesos/solicitudes/nueva/4 -F "csrf=$(hidden csrf)" -F unit=3 -F "token=$KEY" -F lines=registrar -F reason=x -F action=send -o /dev/null; done
check_says 303 "who sends the form once more is led to it" ask olga /accesos/solicitudes/nueva/4 -F "csrf=$(hidden csrf)" -F unit=3 -F "token=$KEY" \
    -F lines=registrar -F reason=x -F action=send -o /dev/null -w '%{http_code}'
check_says 1 "a double click makes one request" authority_sql "$DATABASE" "SELECT count(*) FROM access_request WHERE token = '$KEY'"

# Conflicts, named.
page olga /accesos/solicitudes/nueva/4
check_says 422 "issuer and notifier of one unit" draft -F lines=issuer -F lines=notifier -F reason=x -F action=send
check_log "issuer and notifier of a unit are two people" "the rule is named"
check_log "Draft of a request" "and the draft is kept"

# Several at once.
page olga /accesos/solicitudes/nueva/4
draft -F lines=assistant -F reason=x -F action=send >/dev/null
THREE=$(led_to)
TWO=$(authority_sql "$DATABASE" "SELECT id FROM access_request WHERE token = '$KEY'")
check_says 422 "nothing ticked" send hugo /accesos/bandeja /accesos/bandeja -F verdict=approve
check_says "Approved" "several are approved" send hugo /accesos/bandeja /accesos/bandeja -F "tick=$TWO" -F "tick=$THREE" -F "tick=$ONE" -F verdict=approve
check_log "It was decided already" "the one that was decided is told apart"
check_says approved "the first" state "$TWO"
check_says approved "the second" state "$THREE"

# A sensitive role is decided at the top, and signed.
send olga /accesos/solicitudes/nueva/4 /accesos/solicitudes/nueva/4 -F unit=3 -F lines=auditor -F 'reason=Control interno' -F action=send >/dev/null
FOUR=$(led_to)
check_says 403 "the unit's head does not decide it" send hugo /accesos/bandeja "/accesos/solicitudes/$FOUR/decidir" -F verdict=approve
check_says 422 "unsigned it is refused" send elvira "/accesos/solicitudes/$FOUR" "/accesos/solicitudes/$FOUR/decidir" -F verdict=approve
check_log "has to be signed" "and says so"
check "the text is saved" ask elvira "/accesos/solicitudes/$FOUR/texto" --fail --output text
check_says "add: auditor; everywhere" "it says what is asked" cat text
openssl pkcs12 -in "$HOME_FOLDER/agente.p12" -passin "file:$HOME_FOLDER/agente.password" -nodes -out agent.pem 2>pkcs12.log ||
    openssl pkcs12 -legacy -in "$HOME_FOLDER/agente.p12" -passin "file:$HOME_FOLDER/agente.password" -nodes -out agent.pem
openssl cms -sign -binary -nodetach -in text -signer agent.pem -outform DER -out good.p7s 2>>pkcs12.log
sed 's/auditor/administrator/' text >other
openssl cms -sign -binary -nodetach -in other -signer agent.pem -outform DER -out other.p7s 2>>pkcs12.log
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout own.key -out own.pem -days 2 -subj "/CN=x/serialNumber=IDCPE-00000105" 2>/dev/null
openssl cms -sign -binary -nodetach -in text -signer own.pem -inkey own.key -outform DER -out own.p7s
signed() { send elvira "/accesos/solicitudes/$FOUR" "/accesos/solicitudes/$FOUR/decidir" -F verdict=approve -F "signature_file=@$1"; }
check_says "not of this text" "a signature of another text is refused" signed other.p7s
check_says "not issued here" "one by a certificate of nobody's" signed own.p7s
check_says "This is no signature" "what is none" signed text
printf -- '-----BEGIN PKCS7-----\n!\n-----END PKCS7-----\n' >broken.p7s
check_says "This is no signature" "nor one that is broken" signed broken.p7s
openssl cms -sign -binary -in text -signer agent.pem -outform PEM -out text.p7s 2>>pkcs12.log
check_says 303 "signed, it is approved" signed text.p7s
check_says approved "and so it is" state "$FOUR"
check "the signature can be had" ask aurora "/accesos/solicitudes/$FOUR/firma" --fail --output kept.p7s
check "and verified by others" openssl cms -verify -binary -inform DER -in kept.p7s -content text -noverify -out /dev/null

# Becoming a certifying agent: with the letter, to the certification department.
python3 - <<'END'
open("letter.pdf", "wb").write(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
open("letter.txt", "w").write("no PDF")
END
page olga /accesos/solicitudes/nueva/3
check_says "letter and the documents have to be attached" "without the letter it is not sent" \
    send olga /accesos/solicitudes/nueva/3 /accesos/solicitudes/nueva/3 -F unit=3 -F lines=certifying_agent -F reason=x -F action=send
check_says "has to be a PDF" "a letter is a PDF" \
    send olga /accesos/solicitudes/nueva/3 /accesos/solicitudes/nueva/3 -F unit=3 -F lines=certifying_agent -F reason=x -F letter=@letter.txt -F action=send
check_says 303 "with it, it is" \
    send olga /accesos/solicitudes/nueva/3 /accesos/solicitudes/nueva/3 -F unit=3 -F lines=certifying_agent -F reason=x -F letter=@letter.pdf -F action=send
FIVE=$(led_to)
check "the department reads the letter" ask lucia "/accesos/solicitudes/$FIVE/oficio" --fail --output read.pdf
check "octet by octet" cmp letter.pdf read.pdf
check_says "A-000" "it is in the department's tray" ask lucia /accesos/agentes
ask lucia "/accesos/solicitudes/$FIVE/texto" -o text
openssl cms -sign -binary -nodetach -in text -signer agent.pem -outform DER -out foreign.p7s 2>>pkcs12.log
check_says "is not yours" "a certificate of somebody else does not sign for one" \
    send lucia "/accesos/solicitudes/$FIVE" "/accesos/solicitudes/$FIVE/decidir" -F verdict=approve -F signature_file=@foreign.p7s
check "the certificate is revoked" "$REFRENDA" ca revoke --home "$HOME_FOLDER" --yes --reason keyCompromise \
    "$(openssl x509 -in agent.pem -noout -serial | sed 's/.*=//')"
check_says "was revoked" "and signs no more" \
    send lucia "/accesos/solicitudes/$FIVE" "/accesos/solicitudes/$FIVE/decidir" -F verdict=approve -F signature_file=@foreign.p7s
check_says 303 "rejected with its reason" send lucia "/accesos/solicitudes/$FIVE" "/accesos/solicitudes/$FIVE/decidir" -F verdict=reject -F 'reason=Falta la resolución'
check_says "Falta la resoluci" "which its requester reads" ask olga "/accesos/solicitudes/$FIVE"

# Cancelling asks first.
page olga /accesos/solicitudes/nueva/4
draft -F lines=desk_analyst -F reason=x -F action=send >/dev/null
SIX=$(led_to)
check_says "Cancel this request?" "it asks first" ask olga "/accesos/solicitudes/$SIX/anular"
check_says 303 "then it is cancelled" send olga "/accesos/solicitudes/$SIX/anular" "/accesos/solicitudes/$SIX/anular"
check_says cancelled "and so it is" state "$SIX"
check_says 403 "nobody cancels another's" send hugo /accesos/bandeja "/accesos/solicitudes/$ONE/anular"

# History and table.
check_says "Signer" "history of roles of today" ask aurora "/accesos/historial?fecha=$(date +%F)&buscar=ana"
check_says "Nobody whom you may see" "and of a day when there was none" ask aurora '/accesos/historial?fecha=2001-01-01'
check_says "Write a date" "a date that is none is told" ask aurora '/accesos/historial?fecha=ayer'
check_says "Approve or reject requests of roles" "who may do what" ask aurora /administracion/permisos
check_says "00000004" "lists are saved as CSV" ask aurora '/accesos/historial?formato=csv'

# The auditor's pages: what has happened is in the trail as soon as the worker has chained it.
check "everything is in the trail" eventually authority_is_sequenced "$DATABASE"
check_says "A request of roles was approved" "the audit trail" ask aurora /auditoria
check_says "account:U0002" "by who did it" ask aurora '/auditoria?actor=account:U0002'
check_says "access:$ONE" "by what it was done to" ask aurora "/auditoria?object=access:$ONE&action=access.approve"
check_says "Nothing that was done fits" "by days" ask aurora '/auditoria?desde=2001-01-01&hasta=2001-01-02'
check_says "A request of roles was sent" "as CSV" ask aurora "/auditoria?formato=csv&object=access:$ONE"
check_says "Hash of this row" "a row with its hashes" ask aurora /auditoria/filas/1
check_says 404 "a row that is not there" status_of aurora /auditoria/filas/999999
check_says 303 "the auditor has it verified" send aurora /auditoria/verificacion /auditoria/verificacion
is_verified() { ask aurora /auditoria/verificacion >verdict.html && ! grep -q "being verified" verdict.html; }
verified() { eventually is_verified; cat verdict.html; }
check_says "The trail is whole" "the worker finds it whole" verified
python3 - "$DATABASE" <<'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=30)
db.execute("UPDATE audit_row SET actor = 'account:U9999' WHERE sequence = 5")
db.commit()
END
send aurora /auditoria/verificacion /auditoria/verificacion >/dev/null
check_says "A row was altered" "and an altered row is found" verified
check_says 403 "an administrator does not read it" status_of adan /auditoria/filas/1
check "the server ends" authority_stop
"$SOURCE/scripts/authorisation" >authorisation.md
check "docs/authorisation.md is what the tables say" diff authorisation.md "$SOURCE/docs/authorisation.md"
finish
