#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Paths as PKITS tries them, with what a real authority issued: certificates of every profile under full, delta and partitioned
# lists; the wrong issuer, the wrong time, the wrong use, revoked, held, released, altered, a person who plays authority. OpenSSL
# and GnuTLS judge; and our own verifier judges a PDF that was signed with each person's profile.
. "${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"
. "$SOURCE/tests/support/profiles.sh"
have openssl curl python3 || skip_all "openssl, curl or python3 is missing"
home=$WORK/authority
ca() { local command=$1; shift; "$REFRENDA" ca "$command" --home "$home" "$@"; }
serial_of() { openssl x509 -in "$1" -noout -serial | cut -d= -f2; }

check "a ceremony" authority_init "$home" "" "$(profiles_edit)
s/partitions: 1/partitions: 3/"
check "the server starts" authority_start "$home"
check "a second agent" profiles_agents "$home"
raiz=$home/public/raiz.pem
emisora=$home/public/emisora-1.pem
for profile in $PROFILES; do
    request "$profile"
    profiles_arguments "$profile"
    profiles_approve "$home" "$profile"
    check "$profile: issued" ca issue "${ARGUMENTS[@]}" "${GIVEN[@]}" --request "$profile.csr" -o "$profile.pem"
done
curl -sf "$STATUS_URL/crl/raiz.crl" | openssl crl -inform DER -out raiz.crl 2>/dev/null

# The lists of all partitions, as the certificates' distribution points name them.
fetch_lists() { # prefix: PREFIX.full.crl, PREFIX.delta.crl
    local url
    : >"$1.full.crl"
    : >"$1.delta.crl"
    for url in $(for profile in $PROFILES; do
        openssl x509 -in "$profile.pem" -noout -ext crlDistributionPoints 2>/dev/null | sed -n 's/.*URI://p'
    done | sort -u); do
        curl -sf "$url" | openssl crl -inform DER >>"$1.full.crl" || return 1
    done
    for url in $(for profile in $PROFILES; do
        openssl x509 -in "$profile.pem" -noout -ext freshestCRL 2>/dev/null | sed -n 's/.*URI://p'
    done | sort -u); do
        curl -sf "$url" | openssl crl -inform DER >>"$1.delta.crl" || return 1
    done
    test -s "$1.full.crl"
}
path() { openssl verify -x509_strict -CAfile "$raiz" -untrusted "$emisora" "$@"; }
with_lists() { # prefix, arguments of openssl verify
    local prefix=$1
    shift
    path -crl_check_all -CRLfile raiz.crl -CRLfile "$prefix.full.crl" "$@"
}
refused() { # text name command...: it fails, for this reason
    local text=$1 name=$2 status=0
    shift 2
    "$@" >"$LOG" 2>&1 || status=$?
    if [ $status != 0 ] && grep -qF -- "$text" "$LOG"; then report ok "$name"; else report not-ok "$name"; fi
}
distribution_points() { sed -n '/BEGIN/,/END/p' "$1" | grep -c BEGIN; }

# The public service looks for newer lists once a second, and machines may be slow.
fetch_newest() { # prefix: fails as long as it is not those that the register has
    local kind list partition
    fetch_lists "$1" || return 1
    for kind in full delta; do
        rm -f published.* newest.*
        csplit -sz -f published. "$1.$kind.crl" '/BEGIN/' '{*}' || return 1
        for partition in 0 1 2; do
            ca crl -o newest.der --force --partition $partition $([ $kind = full ] || echo --delta) >/dev/null && openssl crl -inform DER -in newest.der -out newest.$partition || return 1
        done
        for list in published.*; do
            cmp -s "$list" newest.0 || cmp -s "$list" newest.1 || cmp -s "$list" newest.2 || return 1
        done
    done
}
check "lists of the partitions" fetch_lists before
check "there is more than one" test "$(distribution_points before.full.crl)" -ge 2
check "the lists are signed by their authority" bash -c "csplit -sz -f list. before.full.crl '/BEGIN/' '{*}' && for f in list.*; do
    openssl crl -in \$f -noout -CAfile '$emisora' 2>&1 | grep -q 'verify OK' || exit 1; done"

# --- Every profile
# Authorities with the same names, but other keys.
entity="/C=PE/O=Entidad Inventada de Demostración"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout false-root.key -out false-root.pem -days 99 -utf8 -subj \
    "$entity/CN=AC Raíz de Demostración (sin valor legal)" 2>/dev/null
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout false.key -out false.csr -utf8 -subj \
    "$entity/CN=AC Emisora 1 de Demostración (sin valor legal)" 2>/dev/null
printf 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n' >false.ext
openssl x509 -req -in false.csr -CA false-root.pem -CAkey false-root.key -days 99 -extfile false.ext -out false.pem 2>/dev/null
same_subject() { test "$(openssl x509 -in "$1" -noout -subject_hash)" = "$(openssl x509 -in "$2" -noout -subject_hash)"; }
check "a false root has the true one's name" same_subject false-root.pem "$raiz"
check "a false issuing authority, too" same_subject false.pem "$emisora"
for profile in $PROFILES; do
    lists=(with_lists before)
    # Answers of the OCSP service say that nobody need ask about their signer (id-pkix-ocsp-nocheck): it has no lists.
    openssl x509 -in "$profile.pem" -noout -ext crlDistributionPoints 2>/dev/null | grep -q URI || lists=(path)
    check "$profile: verifies, with lists" "${lists[@]}" "$profile.pem"
    [ "${lists[0]}" = path ] || check "$profile: and with delta lists" with_lists before -use_deltas -CRLfile before.delta.crl "$profile.pem"
    after=$(date -u -d "$(openssl x509 -in "$profile.pem" -noout -enddate | cut -d= -f2)" +%s)
    before=$(date -u -d "$(openssl x509 -in "$profile.pem" -noout -startdate | cut -d= -f2)" +%s)
    refused "certificate has expired" "$profile: not after its end" path -attime $((after + 1)) "$profile.pem"
    refused "not yet valid" "$profile: not before its beginning" path -attime $((before - 1)) "$profile.pem"
    check "$profile: in its last second" path -attime $((after - 1)) "$profile.pem"
    refused "unable to get" "$profile: not without its issuer" openssl verify -x509_strict -CAfile "$raiz" "$profile.pem"
    check_status 2 "$profile: not under others of the same names" openssl verify -CAfile false-root.pem -untrusted false.pem "$profile.pem"
    check_status 2 "$profile: nor with a false issuing authority under the true root" openssl verify -CAfile "$raiz" -untrusted false.pem "$profile.pem"
    python3 - "$profile" <<'END'
import base64, sys
name = sys.argv[1]
pem = "".join(open(name + ".pem").read().split("-----")[2].split())
der = bytearray(base64.b64decode(pem))
der[len(der) // 2] ^= 1
open("altered.pem", "w").write("-----BEGIN CERTIFICATE-----\n" + base64.b64encode(der).decode() + "\n-----END CERTIFICATE-----\n")
END
    check_status 2 "$profile: not with a bit altered" path altered.pem
    # Whoever has a certificate is no authority for that: basic constraints, and the path length of his issuer.
    openssl x509 -req -in false.csr -CA "$profile.pem" -CAkey "$profile.key" -days 9 -extfile false.ext -out below.pem 2>/dev/null
    refused "invalid CA certificate" "$profile: is no authority" openssl verify -x509_strict -CAfile "$raiz" -untrusted "$emisora" -untrusted "$profile.pem" below.pem
done
check_says "pathlen:0" "an issuing authority has no authorities below it" openssl x509 -in "$emisora" -noout -ext basicConstraints

# --- Use
check "tls-server: a server" path -purpose sslserver tls-server.pem
refused "unsuitable certificate purpose" "tls-client: no server" path -purpose sslserver tls-client.pem
check "tls-client: a client" path -purpose sslclient tls-client.pem
refused "unsuitable certificate purpose" "seal: no time-stamp service" path -purpose timestampsign seal.pem
check "tsa: a time-stamp service" path -purpose timestampsign tsa.pem
check "tls-server: its name" path -verify_hostname tls-server.example tls-server.pem
refused "hostname mismatch" "tls-server: not another's" path -verify_hostname other.example tls-server.pem

# --- PDFs, signed with each person's profile
python3 - <<'END'
objects = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>"]
out, places = "%PDF-1.7\n", []
for i, o in enumerate(objects):
    places.append(len(out))
    out += f"{i + 1} 0 obj\n{o}\nendobj\n"
start = len(out)
out += "xref\n0 4\n0000000000 65535 f \n" + "".join(f"{p:010} 00000 n \n" for p in places)
open("in.pdf", "w").write(out + f"trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n")
END
persons=()
for profile in $PROFILES; do
    case $(profiles_field "$profile" kind) in natural-person | legal-person) persons+=("$profile") ;; esac
done
check "there are profiles of persons" test ${#persons[@]} -ge 5
for profile in "${persons[@]}"; do
    check "$profile: signs a document" "$REFRENDA" sign in.pdf -o "$profile.pdf" --key "$profile.key" --cert "$profile.pem" --chain "$emisora" \
        --level B-LT --tsa "$STATUS_URL/tsa" --trust "$raiz"
    check "$profile: it verifies" "$REFRENDA" verify "$profile.pdf" --trust "$raiz"
    check_status 2 "$profile: not under another root" "$REFRENDA" verify "$profile.pdf" --trust false-root.pem
done

# --- Revoked, held, released
person=pe-natural-person
held=es-centralised
sleep 3 # more than the accuracy of the time-stamps, so that they prove the signatures to be older
check "$person is revoked" ca revoke --yes --reason superseded "$(serial_of $person.pem)"
check "$held is put on hold" ca hold --yes "$(serial_of $held.pem)"
check "new delta lists" ca crl --now
check "they are published" eventually fetch_newest revoked
refused "certificate revoked" "$person: revoked by the old list and the new delta" path -crl_check -use_deltas -CRLfile before.full.crl -CRLfile revoked.delta.crl $person.pem
refused "certificate revoked" "$person: revoked by the new list" path -crl_check -CRLfile revoked.full.crl $person.pem
refused "certificate revoked" "$held: held by the new list" path -crl_check -CRLfile revoked.full.crl $held.pem
check "others: good by the new lists" with_lists revoked seal.pem
for profile in $person $held; do
    refused "revoked" "$profile: signs no more" "$REFRENDA" sign in.pdf -o "$profile.late.pdf" --key "$profile.key" --cert "$profile.pem" \
        --chain "$emisora" --level B-T --tsa "$STATUS_URL/tsa" --trust "$raiz"
    check "$profile: what was signed before still does" "$REFRENDA" verify "$profile.pdf" --trust "$raiz"
done
check "$held is released" ca release "$(serial_of $held.pem)"
check "new lists" ca crl --now
check "and published" eventually fetch_newest released
check "$held: good by the new list" path -crl_check -CRLfile released.full.crl $held.pem
check "$held: good by the old list and the new delta (removeFromCRL)" path -crl_check -use_deltas -CRLfile revoked.full.crl -CRLfile released.delta.crl $held.pem

# The worker makes lists, too, when it likes.
makes_many() { local n; for n in 1 2 3 4 5 6 7 8 9 10; do ca crl --now || return; done; }
two_make_many() {
    local other
    makes_many >other.log 2>&1 &
    other=$!
    makes_many || return
    wait $other || { cat other.log; return 1; }
}
check "two make lists at once" two_make_many

if have certtool; then
    for profile in $PROFILES; do
        cat "$profile.pem" "$emisora" "$raiz" >chain.pem
        check_says "Verified. The certificate is trusted" "$profile: certtool --verify" certtool --verify --load-ca-certificate "$raiz" --infile chain.pem
    done
    cat $person.pem "$emisora" "$raiz" raiz.crl revoked.full.crl >chain.pem
    check "$person: certtool reads chain and lists" certtool --crl-info --infile chain.pem
else
    skip "certtool is not installed"
fi
check "the server stops" authority_stop
finish
