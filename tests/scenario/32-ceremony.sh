#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A key ceremony by the demo's plan: what it makes, judged by openssl and others; its record; ceremonies that are refused
# or killed; the root off line; backup and restore, between the databases, too.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
export REFRENDA_PACKS=$SOURCE/packs
PLAN=$SOURCE/packs/plans/demo.yaml
ca() { "$REFRENDA" ca "$@"; }

# --- The ceremony
check "a ceremony" ca init --plan "$PLAN" --home home --root offline
check_log "The root's key is made" "its steps are told"
check "no mark is left" test ! -e home/CEREMONY-UNFINISHED -a ! -e offline/CEREMONY-UNFINISHED
check "nothing is open to others" test -z "$(find home offline ! -type l -perm /077)"
check "status" ca status --home home

# --- Its certificates and lists
cd home/public || exit 99
for c in emisora-1 seal; do
    check "$c: openssl verify" openssl verify -x509_strict -CAfile raiz.pem -untrusted emisora-1.pem "$c.pem"
done
openssl crl -inform DER -in ../../offline/raiz.crl -out root-list.pem
check_says "verify OK" "the root's list: openssl crl" openssl crl -in root-list.pem -noout -CAfile raiz.pem
check "the issuing authority is on no list" openssl verify -crl_check -CAfile raiz.pem -CRLfile root-list.pem emisora-1.pem
check "the issuing authority's list" ca crl --home .. --authority emisora-1 -o list.crl
openssl crl -inform DER -in list.crl -out list.pem
check_says "verify OK" "the issuing authority's list: openssl crl" openssl crl -in list.pem -noout -CAfile chain.pem
check_says "No Revoked" "it is empty" openssl crl -in list.pem -noout -text
check "the log's key" openssl pkey -pubin -in log.pem -noout
cd ../.. || exit 99
for row in "ocsp OCSPSigning ocsphelper" "tsa critical,timeStamping timestampsign" "tls-server serverAuth sslserver"; do
    read -r profile _ purpose <<<"$row"
    serial=$(ca list --home home --profile "$profile" --json | grep -o '"serial": *"[0-9a-f]*"' | head -1 | grep -o '[0-9a-f]\{8,\}')
    check "$profile: ca show" ca show --home home -o "$profile.pem" -f "$serial"
    check "$profile: openssl verify" openssl verify -x509_strict -purpose "$purpose" -CAfile home/public/raiz.pem -untrusted home/public/emisora-1.pem "$profile.pem"
done
check "the first agent's PKCS#12 opens" openssl pkcs12 -in home/agente.p12 -passin file:home/agente.password -nodes -out agent.pem
check_says "AES-256-CBC" "it is encrypted by AES-256" openssl pkcs12 -in home/agente.p12 -passin file:home/agente.password -info -noout
check "the agent: openssl verify" openssl verify -x509_strict -purpose sslclient -CAfile home/public/raiz.pem -untrusted home/public/emisora-1.pem agent.pem

# --- The first agent's approval is worth something, and the second agent needs it
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ana.key -subj "/CN=x" -out ana.csr 2>/dev/null
ana=(--profile pe-natural-person --attribute givenName=Ana --attribute "sn=Quispe Mamani" --attribute "cn=Ana Quispe Mamani" --attribute serialNumber=IDCPE-70000016)
check "a person's certificate, approved" ca issue --home home "${ana[@]}" --request ana.csr --p12 home/agente.p12 --pass-file home/agente.password -o ana.pem
check "it verifies" openssl verify -x509_strict -CAfile home/public/raiz.pem -untrusted home/public/emisora-1.pem ana.pem

# --- The record
record=home/ceremony-record.pdf
check_says "the signed bytes are unaltered" "the record is sealed" "$REFRENDA" verify --offline --trust home/public/raiz.pem -v "$record"
sed 's/Ciudad Inventada/Ciudad Inventadx/' "$record" >forged.pdf
check_status 2 "the seal was made when nothing could be asked about yet" "$REFRENDA" verify --offline --trust home/public/raiz.pem "$record"
check_says "0 rules broken" "it keeps PDF/A" "$REFRENDA" inspect --pdfa "$record"
if have qpdf; then check "qpdf" qpdf --check "$record"; else skip "qpdf"; fi
if have pdfsig; then check_says "Signature is Valid" "pdfsig" pdfsig -nocert "$record"; else skip "pdfsig"; fi
if have pdftoppm pdftotext; then
    check "it can be drawn" pdftoppm -r 40 -png "$record" page
    pdftotext -layout "$record" record.txt
    for text in "Custodia Ejemplo Primera" "Testigo Ficticia Uno" "raiz" "Shamir" "IDCPE-00000105" "policy: 2.999.1.9"; do
        check "it says: $text" grep -qF -- "$text" record.txt
    done
    fingerprint=$(openssl x509 -in home/public/raiz.pem -noout -fingerprint -sha256 | tr -d ':' | sed 's/.*=//' | tr 'A-F' 'a-f')
    check "it has the root's fingerprint" grep -qF "${fingerprint:0:8} ${fingerprint:8:8}" record.txt
else
    skip "poppler-utils"
fi
check "shares are not in it" test -z "$(strings -n 24 "$record" | grep -F "$(grep -v '^#' offline/shares/custodian-1.share | cut -c 20-60)")"

# --- Refused, killed
check_status 5 "a folder that is not empty is refused" ca init --plan "$PLAN" --home home --root offline-2
check_log "needs an empty folder" "and it is said why"
mkdir in-use && touch in-use/file
check_status 5 "a root's folder that is not empty, too" ca init --plan "$PLAN" --home home-2 --root in-use
sed 's/needed: 2/needed: 9/' "$PLAN" >bad.yaml
check_status 4 "a plan that cannot be is refused" ca init --plan bad.yaml --home home-3
check_log "bad.yaml:" "with file and line"
check "and nothing was made" test ! -e home-3
for delay in 0.01 0.03 0.06 0.1 0.15 0.2; do
    rm -rf cut
    timeout -s KILL "$delay" "$REFRENDA" ca init -q --plan "$PLAN" --home cut >/dev/null 2>&1
    if [ -e cut/refrenda.yaml ] && [ ! -e cut/CEREMONY-UNFINISHED ]; then
        check "killed after ${delay}s: it was finished" ca status --home cut
    elif [ -e cut/CEREMONY-UNFINISHED ]; then
        check_status 1 "killed after ${delay}s: it says so" ca status --home cut
        check_status 5 "killed after ${delay}s: it is not gone on with" ca init --plan "$PLAN" --home cut
    else
        check "killed after ${delay}s: nothing begun" test -z "$(ls -A cut 2>/dev/null)" -o -z "$(ls -A cut/root 2>/dev/null)"
    fi
done

# --- The root, off line
share() { echo "offline/shares/custodian-$1.share"; }
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout sub.key -subj "/CN=not this" -out sub.csr 2>/dev/null
names=(--attribute c=PE --attribute "o=Otra Entidad Inventada" --attribute "cn=AC Emisora 2 de Demostración")
sign() { ca sign-request --root offline "$@"; }
check "a subordinate authority" sign --share "$(share 1)" --share "$(share 2)" "${names[@]}" sub.csr -o sub.pem
check "openssl verify" openssl verify -x509_strict -CAfile home/public/raiz.pem sub.pem
check_says "AC Emisora 2" "its name is not the request's" openssl x509 -in sub.pem -noout -subject -nameopt utf8
check "other custodians do as well" sign --share "$(share 3)" --share "$(share 2)" "${names[@]}" sub.csr -o sub-2.pem
check_status 1 "one share is not enough" sign --share "$(share 1)" "${names[@]}" sub.csr -o no.pem
check_status 1 "the same one twice, neither" sign --share "$(share 1)" --share "$(share 1)" "${names[@]}" sub.csr -o no.pem
sed 's/\(.\)$/0/; s/7/8/' "$(share 2)" >wrong.share
check_status 1 "nor one with a slip of the pen" sign --share "$(share 1)" --share wrong.share "${names[@]}" sub.csr -o no.pem
check "none of these made anything" test ! -e no.pem
check "the root's next list, with a revocation" sign --share "$(share 1)" --share "$(share 3)" --crl --revoke sub.pem --reason keyCompromise -o root-2.crl
check "and the one after it" sign --share "$(share 1)" --share "$(share 3)" --crl -o root-3.crl
openssl crl -inform DER -in root-3.crl -out root-3.pem
check_says "verify OK" "openssl crl" openssl crl -in root-3.pem -noout -CAfile home/public/raiz.pem
check_says "CA Compromise" "what was revoked stays revoked" openssl crl -in root-3.pem -noout -text
number() { openssl crl -inform DER -in "$1" -noout -crlnumber | sed 's/.*=0x0*//'; }
check "numbers go up" test "$((16#$(number root-2.crl)))" -lt "$((16#$(number root-3.crl)))"
check "the list is entered where it is published" ca import --home home root-3.crl
check_status 1 "an older one is not" ca import --home home root-2.crl
check "it is what is published now" ca crl --home home --authority raiz -o published.crl
check "the very same" cmp root-3.crl published.crl

# --- Backup and restore
echo "correct horse battery staple" >pass
echo "wrong" >wrong-pass
check "a backup" ca backup --home home --pass-file pass -o state.backup
check "nobody else can read it" test "$(stat -c %a state.backup)" = 600
check "nothing can be read in it" test -z "$(strings state.backup | grep -iE 'quispe|emisora')"
check "a certificate after the backup" ca issue --home home "${ana[@]}" --new-key P-256 --new-pass-file pass --p12 home/agente.p12 --pass-file home/agente.password -o late.p12
check_status 1 "not with another passphrase" ca restore state.backup --pass-file wrong-pass --home again
check "which made nothing" test ! -e again
head -c -100 state.backup >cut.backup
check_status 1 "nor when its end is missing" ca restore cut.backup --pass-file pass --home again-cut
check_status 1 "what was begun says so" ca status --home again-cut
check "a restore" ca restore state.backup --pass-file pass --home again
check "with the store for people's keys, and whom it knows" test -s again/keys/personal/attestation.key -a -s again/keys/personal/agente.agent
check "a node's copy" ca backup --home home --node whole --pass-file pass -o whole.backup
check "is restored" ca restore whole.backup --pass-file pass --home whole
check "without people's keys: one keeper alone may use them" test -s whole/keys/authority/agente.agent -a ! -e whole/keys/personal
check_status 5 "not over something" ca restore state.backup --pass-file pass --home again
check_says "pe-natural-person" "the certificates are there" ca list --home again
check "status" ca status --home again
check_says "audit trail is whole" "the audit trail" "$REFRENDA" audit verify --home again
before=$(ca crl --home home --authority emisora-1 -o before.crl && number before.crl)
check "a revocation there" ca revoke --home again "$(openssl x509 -in ana.pem -noout -serial | sed 's/.*=//' | tr 'A-F' 'a-f')" --reason superseded --yes
check "a list there" ca crl --home again --authority emisora-1 --now
ca crl --home again --authority emisora-1 -o after.crl
check "its number is above the old one's" test "$((16#$(number after.crl)))" -gt "$((16#$before))"
for i in 1 2 3; do
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.key -subj /CN=x -out "k$i.csr" 2>/dev/null
    check "certificate $i there" ca issue --home again "${ana[@]}" --request "k$i.csr" --p12 home/agente.p12 --pass-file home/agente.password -o "k$i.pem"
    check "and in the old one" ca issue --home home "${ana[@]}" --request "k$i.csr" --p12 home/agente.p12 --pass-file home/agente.password -o "o$i.pem"
done
check "serial numbers of both never meet" test -z "$(for f in k?.pem o?.pem; do openssl x509 -in "$f" -noout -serial; done | sort | uniq -d)"
check "the credential is not in a backup without passphrase" ca backup --home home -o plain.backup
check_status 64 "which cannot be opened without it" ca restore plain.backup --home again-2
check "but with it" ca restore plain.backup --master home/keys/master.key --home again-2
check "status" ca status --home again-2

# --- To the other database and back
cat >postgresql.sh <<'POSTGRESQL'
set -e
"$REFRENDA" ca restore state.backup --pass-file pass --home pg --database "$REFRENDA_POSTGRESQL"
"$REFRENDA" ca list --home pg | grep -q pe-natural-person
"$REFRENDA" ca issue --home pg "$@" --request k1.csr --p12 home/agente.p12 --pass-file home/agente.password -o p1.pem
"$REFRENDA" ca backup --home pg --pass-file pass -o pg.backup
! "$REFRENDA" ca restore state.backup --pass-file pass --home pg-2 --database "$REFRENDA_POSTGRESQL"
POSTGRESQL
if [ -d /usr/lib/postgresql ]; then
    check "into PostgreSQL, and a certificate there" "$SOURCE/tests/support/postgresql-server" bash postgresql.sh "${ana[@]}"
    check "and back into SQLite" ca restore pg.backup --pass-file pass --home back --database sqlite:data/refrenda.db
    check "with the certificate of there" ca show --home back "$(openssl x509 -in p1.pem -noout -serial | sed 's/.*=//' | tr 'A-F' 'a-f')"
else
    skip "no PostgreSQL"
fi

# --- An authority that openssl ca ran
mkdir old && cd old || exit 99
mkdir newcerts && touch index.txt && echo 1000 >serial && echo 2A >crlnumber
cat >ca.cnf <<'CNF'
[ca]
default_ca = old
[old]
dir = .
database = index.txt
new_certs_dir = newcerts
serial = serial
crlnumber = crlnumber
certificate = cacert.pem
private_key = cakey.pem
default_md = sha256
default_days = 90
default_crl_days = 7
policy = any
x509_extensions = user
[any]
commonName = supplied
[user]
keyUsage = critical, digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[req]
distinguished_name = name
[name]
[ca_ext]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
CNF
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout cakey.pem -out cacert.pem -subj "/C=PE/O=Antigua/CN=AC Antigua" -days 900 -config ca.cnf -extensions ca_ext 2>/dev/null
for i in 1 2 3 4; do
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "u$i.key" -subj "/CN=Usuaria $i" -out "u$i.csr" -config ca.cnf 2>/dev/null
    openssl ca -batch -notext -config ca.cnf -in "u$i.csr" -out "u$i.pem" 2>/dev/null
done
openssl ca -config ca.cnf -revoke u2.pem -crl_reason keyCompromise 2>/dev/null
openssl ca -config ca.cnf -revoke u3.pem -crl_reason certificateHold 2>/dev/null
rm newcerts/1003.pem # only the index knows of it
cd .. || exit 99
check "it is taken over" ca import --home again --plan "$SOURCE/packs/plans/import.yaml" --key old/cakey.pem --cert old/cacert.pem --index old/index.txt --cert-dir old/newcerts --crl-number old/crlnumber
check_log "4" "with all that it issued"
check_says "certificateHold" "what was on hold still is" ca show --home again 1002
check "a list" ca crl --home again --authority antigua -o antigua.crl
openssl crl -inform DER -in antigua.crl -out antigua-list.pem
check_says "verify OK" "openssl crl" openssl crl -in antigua-list.pem -noout -CAfile old/cacert.pem
check_says "Serial Number: 1001" "it has what was revoked" openssl crl -in antigua-list.pem -noout -text
check "its number is above the old ones" test "$((16#$(number antigua.crl)))" -gt "$((16#2A))"
check_status 2 "u2 is revoked" openssl verify -crl_check -CAfile old/cacert.pem -CRLfile antigua-list.pem old/u2.pem
check_status 5 "not twice" ca import --home again --plan "$SOURCE/packs/plans/import.yaml" --key old/cakey.pem --cert old/cacert.pem
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout n.key -subj /CN=x -out n.csr 2>/dev/null
check "it goes on issuing" ca issue --home again --authority antigua --profile tls-client --attribute cn=Nueva --attribute o=Nueva --request n.csr -o nueva.pem
check "openssl verify" openssl verify -CAfile old/cacert.pem nueva.pem
printf 'serial,end,revoked,reason,subject\n1005,2027-01-01T00:00:00Z,2026-01-02T00:00:00Z,superseded,"CN=Usuaria 5"\nxyz,,,,\n' >rows.csv
mkdir other && cp old/cakey.pem old/cacert.pem other
sed 's/antigua/otra/; s/33/34/' "$SOURCE/packs/plans/import.yaml" >otra.yaml
check_status 64 "a list that is none" ca import --home back --plan otra.yaml --key old/cakey.pem --cert old/cacert.pem --index rows.csv
check_log "rows.csv:3" "with file and line"

# --- Keys on a token
module=$(find /usr/lib -name libsofthsm2.so 2>/dev/null | head -1)
if have softhsm2-util && [ -n "$module" ]; then
    mkdir -p token/tokens
    printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$PWD/token/tokens" >token/softhsm2.conf
    export SOFTHSM2_CONF=$PWD/token/softhsm2.conf
    softhsm2-util --module "$module" --init-token --free --label ceremony --pin 123456 --so-pin 87654321 >/dev/null
    echo 123456 >pin
    {
        sed 's/^    instance: 17/    token: hsm\n&/; s/^log_algorithm/  token: hsm\n&/' "$PLAN"
        printf 'tokens:\n  - {name: hsm, module: %s, token: ceremony, pin_file: %s}\n' "$module" "$PWD/pin"
    } >token.yaml
    check "a ceremony with keys on a token" ca init --plan token.yaml --home hsm
    check "the authority's certificate" openssl verify -x509_strict -CAfile hsm/public/raiz.pem hsm/public/emisora-1.pem
    if have pkcs11-tool; then check_says "Private Key Object; EC" "the keys are on the token" pkcs11-tool --module "$module" --token-label ceremony --login --pin 123456 -O; fi
    check "a certificate by the token's key" ca issue --home hsm "${ana[@]}" --request ana.csr --p12 hsm/agente.p12 --pass-file hsm/agente.password -o token.crt
    check "openssl verify" openssl verify -x509_strict -CAfile hsm/public/raiz.pem -untrusted hsm/public/emisora-1.pem token.crt
    check_says "the signed bytes are unaltered" "the record is sealed by the token's key" "$REFRENDA" verify --offline --trust hsm/public/raiz.pem -v hsm/ceremony-record.pdf
    sed 's/token: ceremony/token: nowhere/' token.yaml >nowhere.yaml
    check_status 2 "a token that is not there" ca init --plan nowhere.yaml --home hsm-2
else
    skip "no SoftHSM"
fi
finish
