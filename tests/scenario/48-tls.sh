#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# What testssl.sh, which knows nothing of us, finds wrong with the TLS of the pages, of the listener for certificates and of
# registration: nothing above LOW, but what comes from a certificate that an authority of our own has made.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"
. "$SOURCE/tests/support/web.sh"

[ -x "$BUILD/refrendad" ] || skip_all "no refrendad in this build"
have openssl curl python3 testssl || skip_all "no openssl, curl, python3 or testssl"
authority_init home >init.log 2>&1 || skip_all "no authority: $(tail -1 init.log)"
read -r TLS_PORT < <(free_ports 1)
web_settings home "  certificate: tls/registration.pem
  key: tls/registration.key
  clients: tls/clients.pem
  certificate_listen: [\"127.0.0.1:$TLS_PORT\"]
"
sed -i -e "s|http://localhost:|https://localhost:|" home/refrenda.yaml
check "the server starts" authority_start home

# Findings that a certificate of one's own causes, by their identifiers.
OWN='^(cert_trust|cert_chain_of_trust|cert_caIssuers|cert_crlDistributionPoints|cert_ocspURL|cert_revocation|OCSP_stapling|DNS_CAArecord|certificate_transparency|cert_.*|overall_grade|grade_cap_reason_.*)$'
examine() { # name port option...: testssl.sh's findings above LOW that are ours, one a line
    local name=$1 port=$2
    shift 2
    TESTSSL_INSTALL_DIR=${TESTSSL_INSTALL_DIR:-} testssl --quiet --color 0 --warnings off --nodns none --ip 127.0.0.1 --fast \
        --connect-timeout 60 --openssl-timeout 60 --jsonfile "$WORK/$name.json" "$@" "localhost:$port" >"$name.txt" 2>&1 </dev/null
    python3 - "$WORK/$name.json" "$OWN" <<'END'
import json, re, sys
findings = json.load(open(sys.argv[1]))
assert len(findings) > 5, f"only {len(findings)} findings: testssl.sh did not get far"
bad = [f for f in findings if f["severity"] in ("MEDIUM", "HIGH", "CRITICAL", "FATAL") and not re.match(sys.argv[2], f["id"])]
broken = [f for f in findings if f["id"] in ("scanProblem", "engine_problem") and f["severity"] not in ("INFO", "WARN")]
for f in bad + broken:
    print(f["id"], f["severity"], f["finding"])
sys.exit(1 if bad or broken else 0)
END
}
says() { # name identifier text: a finding
    python3 - "$WORK/$1.json" "$2" "$3" <<'END'
import json, sys
found = [f["finding"] for f in json.load(open(sys.argv[1])) if f["id"] == sys.argv[2]]
print(found)
sys.exit(0 if any(sys.argv[3] in f for f in found) else 1)
END
}
protocol_says() { check "$1: $2 is $3" says "$1" "$2" "$3"; }

# Protocols, ciphers, forward secrecy, the server's defaults, headers, known holes. Side by side: most of it is waiting.
examine pages "$WEB_PORT" -p -s -f -S -h >pages.found 2>&1 &
PAGES=$!
examine holes "$WEB_PORT" -H -I -T -R -C -O -W -F -J -A -L -4 >holes.found 2>&1 &
HOLES=$!
examine certificates "$TLS_PORT" -p >certificates.found 2>&1 &
CERTIFICATES=$!
examine registration "$API_PORT" -p >registration.found 2>&1
REGISTRATION=$?
fine() { # status or process, file
    cat "$2"
    [ "$1" = 0 ] || { [ "$1" -gt 1 ] && wait "$1"; }
}
check "the pages have nothing above LOW" fine "$PAGES" pages.found
check "nor any hole that has a name" fine "$HOLES" holes.found
check "the listener for certificates has nothing above LOW" fine "$CERTIFICATES" certificates.found
check "nor has registration" fine "$REGISTRATION" registration.found
for old in SSLv2 SSLv3 TLS1 TLS1_1; do protocol_says pages "$old" "not offered"; done
for new in TLS1_2 TLS1_3; do protocol_says pages "$new" offered; done
protocol_says pages HSTS_time "days"
for name in certificates registration; do
    for old in SSLv3 TLS1 TLS1_1; do protocol_says "$name" "$old" "not offered"; done
done

# Each cipher of TLS 1.2 by itself, at each of them: all three have the same priorities.
offers() { openssl s_client -connect "localhost:$WEB_PORT" -tls1_2 -cipher "$1:@SECLEVEL=0" </dev/null 2>/dev/null | grep -q 'Cipher is [A-Z]'; }
for cipher in ECDHE+AESGCM ECDHE+CHACHA20; do check "TLS 1.2 has $cipher" offers "$cipher"; done
for cipher in kRSA DHE AESCCM ECDHE+AES+SHA1 ECDHE+AES+SHA256:ECDHE+AES+SHA384 3DES RC4 aNULL eNULL PSK SRP CAMELLIA ARIA; do
    if openssl ciphers "$cipher:@SECLEVEL=0" >/dev/null 2>&1; then
        refused() { ! offers "$1"; }
        check "but no $cipher" refused "$cipher"
    fi
done
check "no session is resumed by a ticket" sh -c "! openssl s_client -connect localhost:$WEB_PORT -tls1_2 </dev/null 2>/dev/null | grep -q 'TLS session ticket:'"
renegotiates_not() {
    : >renegotiation
    { printf 'R\n'; eventually grep -qiE 'no_renegotiation|no renegotiation|errno|closed|alert' renegotiation >&2; } |
        timeout 300 openssl s_client -connect "localhost:$WEB_PORT" -tls1_2 >renegotiation 2>&1
    grep -iE 'no_renegotiation|no renegotiation|errno|closed|alert' renegotiation
}
check "nothing is renegotiated" renegotiates_not

check "the server ends" authority_stop
finish
