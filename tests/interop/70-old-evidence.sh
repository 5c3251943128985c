#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Revoked, then signed with a list from before the revocation inside: a time stamp does not make that list true.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"
have openssl || skip_all "openssl"

port=$(free_ports 1) # it will be needed once more
serve_pki "$WORK/pki" --fail ocsp=500 --port "$port"
check "a PKI" python3 "$SOURCE/tests/support/make_pki.py" --port "${URL##*:}" --force "$WORK/pki"
PKI=$WORK/pki
python3 "$SOURCE/tests/interop/forgeries.py" documents .
sleep 2
check "signed at B-LT with the list" "$REFRENDA" sign plain.pdf -o signed.pdf --quiet --p12 "$PKI/signer-p256.p12" \
    --pass-file "$PKI/password.txt" --level B-LT --tsa "$URL/tsa" --trust "$PKI/root.pem"
check "it passes" "$REFRENDA" verify signed.pdf --trust "$PKI/root.pem"

# The authority revokes one second after the list was made.
python3 - "$PKI" <<'PY'
import datetime, subprocess, sys
folder = sys.argv[1]
def ask(*command):
    return subprocess.run(["openssl", *command], capture_output=True, text=True, check=True).stdout.strip().split("=")[1]
serial = ask("x509", "-in", f"{folder}/signer-p256.pem", "-noout", "-serial")
made = datetime.datetime.strptime(ask("crl", "-in", f"{folder}/issuing.crl", "-noout", "-lastupdate"), "%b %d %H:%M:%S %Y GMT")
lines = [line.split("\t") for line in open(f"{folder}/index.txt", encoding="utf-8")]
for line in lines:
    if line[3] == serial:
        line[0], line[2] = "R", (made + datetime.timedelta(seconds=1)).strftime("%y%m%d%H%M%SZ")
open(f"{folder}/index.txt", "w", encoding="utf-8").writelines("\t".join(line) for line in lines)
PY
first=${SERVERS[0]}
stop_servers
wait "$first" 2>/dev/null
serve_pki "$PKI" --port "$port"
check_status 2 "it no longer passes" "$REFRENDA" verify signed.pdf --trust "$PKI/root.pem"
check_log "REVOKED_NO_POE" "because of the revocation"
finish
