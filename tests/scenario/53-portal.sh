#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Portals' programs over real connections, as docs/portals.md has it: documents handed in by curl, large ones at constant
# memory, the same request twice and at once, a portal that is known by its TLS certificate alone, and who is not let in.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"
. "$SOURCE/tests/support/web.sh"
. "$SOURCE/tests/support/platform.sh"

[ -x "$BUILD/refrendad" ] || skip_all "no refrendad in this build"
have openssl curl python3 || skip_all "no openssl, curl or python3"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout portal.key -out portal.pem -days 2 -subj /CN=sede \
    -addext extendedKeyUsage=clientAuth >/dev/null 2>&1
found() {
    authority_init home && platform_pages home || return 1
    read -r TLS_PORT < <(free_ports 1)
    printf '  certificate_listen: ["127.0.0.1:%s"]\n  certificate: "tls/registration.pem"\n  key: "tls/registration.key"\n  clients: "public/raiz.pem"\n' \
        "$TLS_PORT" >>home/refrenda.yaml
    "$REFRENDA" demo fill --home home &&
        python3 - "$(printf secreto | sha256sum | cut -c1-64)" "$(openssl x509 -in portal.pem -outform DER | sha256sum | cut -c1-64)" <<'PYTHON'
import sqlite3, sys
d = sqlite3.connect("home/data/refrenda.db")
row = "INSERT INTO portal(id, entity, name, client, key, certificate_hash, secret_hash, webhook, quota, closed, created) VALUES (?, 1, ?, ?, x'', ?, ?, '', ?, 0, 0)"
d.execute(row, (1, "Sede", "sede", "", sys.argv[1], 0))
d.execute(row, (2, "Banco", "banco", sys.argv[2], "", 2))
d.execute("INSERT INTO portal_return(portal, place, address) VALUES (1, 0, 'https://sede.example/vuelta')")
d.commit()
PYTHON
}
check "an installation with two portals" found
check "the server starts" authority_start home
API=$WEB_URL/api/firmas/v1/operaciones
"$SOURCE/scripts/demo-document.py" solicitud.pdf

ask() { # status argument...: the body in ./body
    local wanted=$1 got
    shift
    got=$(curl -s -m 120 -o body -w '%{http_code}' "$@")
    [ "$got" = "$wanted" ] || { echo "wanted $wanted, got $got: $(head -c 600 body)"; return 1; }
}
member() { python3 -c 'import json, sys; v = json.load(open("body")); print(eval(sys.argv[1], {"v": v}))' "$1"; }
says() { [ "$(member "$1")" = "$2" ] || { cat body; return 1; }; }

OPERATION='operation={"purpose": "Licencia", "reference": "EXP-7", "level": "B-B", "return_address": "https://sede.example/vuelta"};type=application/json'
check "documents and data are handed in" ask 201 -u sede:secreto -H 'Idempotency-Key: pedido-1' "$API" -F "$OPERATION" \
    -F 'document=@solicitud.pdf;type=application/pdf' \
    -F 'data={"title": "Pago de tasa", "fields": [{"label": "Importe", "value": "S/ 12.50"}]};type=application/json'
ID=$(member 'v["id"]')
check "they wait for their person" says 'v["state"], len(v["documents"])' "('waiting', 2)"
check "what came is what is shown" says 'v["documents"][0]["sha256"]' "$(sha256sum solicitud.pdf | cut -c1-64)"
check "the same again makes no other" ask 200 -u sede:secreto -H 'Idempotency-Key: pedido-1' "$API" -F "$OPERATION" \
    -F 'document=@solicitud.pdf;type=application/pdf' \
    -F 'data={"title": "Pago de tasa", "fields": [{"label": "Importe", "value": "S/ 12.50"}]};type=application/json'
check "it is that one" says 'v["id"]' "$ID"
check "another under its name is refused" ask 409 -u sede:secreto -H 'Idempotency-Key: pedido-1' "$API" -F "$OPERATION" \
    -F 'document=@solicitud.pdf;type=application/pdf'
check "people are asked to sign in there" bash -c "curl -s -m 60 -H 'Accept: text/html' '$WEB_URL/firmar/$ID' | grep -q 'href=\"/acceso'"
check "an address that is not registered is told by name" ask 422 -u sede:secreto "$API" \
    -F 'operation={"return_address": "https://otra.example/"};type=application/json' -F 'document=@solicitud.pdf;type=application/pdf'
check "where it is" says 'v["errors"][0]["pointer"]' /return_address

both() { # at once
    local pids=()
    for i in 1 2 3 4; do
        curl -s -m 60 -o "body-$i" -u sede:secreto -H 'Idempotency-Key: a-la-vez' "$API" -F "$OPERATION" -F 'document=@solicitud.pdf' &
        pids+=($!)
    done
    wait "${pids[@]}"
    [ "$(python3 -c 'import json; print(len({json.load(open(f"body-{i}"))["id"] for i in range(1, 5)}))')" = 1 ]
}
check "four times at once is once" both

# ---- Large ones ----

python3 - <<'PYTHON'
import os
size = 40 << 20
for name in ("grande-1.pdf", "grande-2.pdf", "grande-3.pdf"):
    parts = [b"<</Type /Catalog /Pages 2 0 R>>", b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
             b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R>>", b"<</Length 0>>stream\n\nendstream",
             b"<</Length %d>>stream\n" % size + os.urandom(size) + b"\nendstream"]
    out, at = bytearray(b"%PDF-1.7\n"), []
    for number, part in enumerate(parts, 1):
        at.append(len(out))
        out += b"%d 0 obj\n" % number + part + b"\nendobj\n"
    table = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % o for o in at)
    out += b"trailer\n<</Size 6 /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % table
    open(name, "wb").write(out)
PYTHON
before=$(web_child_memory)
check "120 MB in one request" ask 201 -u sede:secreto "$API" -F "$OPERATION" -F 'document=@grande-1.pdf' -F 'document=@grande-2.pdf' -F 'document=@grande-3.pdf'
after=$(web_child_memory)
check "take less than one of them in memory ($before to $after KiB)" test $((after - before)) -lt 40000
head -c $((51 << 20)) /dev/zero >enorme.pdf
check "more than 50 MB is told by place" ask 422 -u sede:secreto "$API" -F "$OPERATION" -F 'document=@solicitud.pdf' -F 'document=@enorme.pdf'
check "which" says 'v["errors"][0]["pointer"]' /documents/1

# ---- Who asks ----

check "nobody is let in" ask 401 "$API/$ID"
check "with a wrong secret" ask 401 -u sede:otro "$API/$ID"
check "a secret in the address is none" ask 401 "$API/$ID?client_id=sede&client_secret=secreto"
tls() { ask "$@" --cacert home/public/raiz.pem --insecure --cert portal.pem --key portal.key; }
SECURE=https://localhost:$TLS_PORT/api/firmas/v1/operaciones
check "a portal is known by its certificate alone" tls 201 "$SECURE" -F 'operation={"level": "B-B"}' -F 'document=@solicitud.pdf'
OTHER=$(member 'v["id"]')
check "and sees its own" tls 200 "$SECURE/$OTHER"
check "but not another's" tls 404 "$SECURE/$ID"
check "nor does that one see its" ask 404 -u sede:secreto "$API/$OTHER"
check "without its certificate there nobody is let in" ask 401 --insecure "$SECURE/$OTHER"
check "two a day" tls 201 "$SECURE" -F 'operation={"level": "B-B"}' -F 'document=@solicitud.pdf'
check "and no third" tls 429 "$SECURE" -F 'operation={"level": "B-B"}' -F 'document=@solicitud.pdf'

# ---- While somebody writes ----

hold() { # the one writer's place, until `let-go` is there
    python3 - <<'PYTHON' &
import os, sqlite3, time
d = sqlite3.connect("home/data/refrenda.db", isolation_level=None, timeout=120)
d.execute("BEGIN IMMEDIATE")
open("held", "w").close()
while not os.path.exists("let-go"):
    time.sleep(0.05)
d.execute("ROLLBACK")
PYTHON
    HOLDER=$!
    eventually test -e held
}
check "somebody writes" hold
# Of 30 seconds that a writer waits for its place.
check "a portal reads meanwhile" ask 200 -m 20 -u sede:secreto "$API/$ID"
check "who proves nothing is refused meanwhile" ask 401 -m 20 -u sede:otro "$API/$ID"
touch let-go
wait "$HOLDER"

# ---- The end ----

check "there is no receipt yet" ask 409 -u sede:secreto "$API/$ID/constancia"
check "nor a signed document" ask 404 -u sede:secreto "$API/$ID/documentos/1"
check "another cannot cancel it" tls 404 -X DELETE "$SECURE/$ID"
check "its portal can" ask 200 -u sede:secreto -X DELETE "$API/$ID"
check "it is cancelled" says 'v["state"]' cancelled
check "twice is once" ask 200 -u sede:secreto -X DELETE "$API/$ID"
check "the way back is on the person's page" bash -c "curl -s -m 60 -H 'Accept: text/html' '$WEB_URL/firmar/$ID' | grep -q 'https://sede.example/vuelta?operation=$ID&amp;reference=EXP-7&amp;state=cancelled'"
check "the description is there" ask 200 "$WEB_URL/api/firmas/v1/openapi.json"
check "it is one of OpenAPI 3.1" says 'v["openapi"]' 3.1.0
authority_stop
finish
