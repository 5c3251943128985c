#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# How fast the public status services are, against what else could be done with the same processors: nginx that sends a
# body of the same size from a file, and openssl that signs with the same kind of key. Yardstick and work take turns; what
# is printed is the middle one of all turns' ratios. The load generator (wrk) shares the processors with what is measured.
#
#   bench/status.sh [BUILD] [TURNS] [SECONDS] [CERTIFICATES OF THE LARGE REGISTER]
#
# The last rows say how much longer the register's look-up takes with many certificates, alone and in a whole answer
# with nonce that asks for another certificate each time.
set -euo pipefail
SOURCE=$(cd "$(dirname "$0")/.." && pwd)
BUILD=${1:-$SOURCE/build}
TURNS=${2:-5}
SECONDS_EACH=${3:-5}
LARGE=${4:-10000000}
WORLD=$BUILD/tests/interop/status_world
SCRIPTS=$SOURCE/bench/status
CONNECTIONS=64
for tool in wrk nginx openssl curl python3 "$WORLD"; do
    command -v "$tool" >/dev/null || { echo "$tool is needed" >&2; exit 1; }
done
WORK=$(mktemp -d)
chmod 755 "$WORK"
STARTED=()
stop() {
    [ ${#STARTED[@]} -gt 0 ] && kill "${STARTED[@]}" 2>/dev/null && wait "${STARTED[@]}" 2>/dev/null
    STARTED=()
    return 0
}
trap 'stop; rm -rf "$WORK"' EXIT

run_world() { # folder: sets SITE
    rm -f "$1/port"
    "$WORLD" run "$1" 2>>"$WORK/output" &
    STARTED+=($!)
    for _ in $(seq 200); do
        [ -s "$1/port" ] && curl -fs "http://127.0.0.1:$(cat "$1/port")/health/ready" >/dev/null && break
        sleep 0.1
    done
    SITE=http://127.0.0.1:$(cat "$1/port")
}
rate() { # url [script]
    wrk -t1 -c"$CONNECTIONS" -d"$SECONDS_EACH" ${2:+-s "$SCRIPTS/$2"} "$1" >"$WORK/wrk"
    if grep -E 'Non-2xx|Socket errors' "$WORK/wrk" >&2; then echo "of $1" >&2; fi
    sed -n 's/^Requests\/sec: *//p' "$WORK/wrk"
}
signatures() { # algorithm: a second, both processors
    openssl speed -elapsed -seconds "$SECONDS_EACH" -multi "$(nproc)" "$1" 2>/dev/null | awk 'END { print $(NF - 1) }'
}
row() { # name, yardstick's command, work's command
    local yardsticks=() works=()
    for _ in $(seq "$TURNS"); do
        yardsticks+=("$($2)")
        works+=("$($3)")
    done
    python3 - "$1" "${yardsticks[@]}" "${works[@]}" <<'ROW'
import sys
numbers = [float(x) for x in sys.argv[2:]]
half = len(numbers) // 2
middle = lambda values: sorted(values)[len(values) // 2]
yard, work = numbers[:half], numbers[half:]
print(f"{sys.argv[1]:<44} {middle(work):>9.0f} /s  yardstick {middle(yard):>9.0f} /s  ratio {middle([w / y for w, y in zip(work, yard)]):.2f}")
ROW
}

# --- Without nonce, 100,000 certificates in memory, against nginx
"$WORLD" init "$WORK/p256" P-256
"$WORLD" fill "$WORK/p256" 100000
"$WORLD" requests "$WORK/p256" 100000 100000 >"$WORK/post"
python3 -c 'import base64, sys
for line in open(sys.argv[1]): print(base64.b64encode(bytes.fromhex(line)).decode())' "$WORK/post" >"$WORK/get"
WORLD_NONCE=1 "$WORLD" requests "$WORK/p256" 20000 100000 >"$WORK/nonce"
openssl ts -query -data "$0" -sha256 -cert -out "$WORK/query" 2>/dev/null
run_world "$WORK/p256"
python3 - "$WORK/post" "$SITE" <<'WARM' # every answer signed once
import http.client, sys, threading, urllib.parse
lines = open(sys.argv[1]).read().split()
host = urllib.parse.urlparse(sys.argv[2]).netloc
def ask(part):
    c = http.client.HTTPConnection(host)
    for line in part:
        c.request("POST", "/ocsp", bytes.fromhex(line), {"Content-Type": "application/ocsp-request"})
        c.getresponse().read()
threads = [threading.Thread(target=ask, args=(lines[i::16],)) for i in range(16)]
[t.start() for t in threads]
[t.join() for t in threads]
WARM
mkdir "$WORK/site"
curl -s -o "$WORK/site/body" -H 'Content-Type: application/ocsp-request' --data-binary @<(head -1 "$WORK/post" | xxd -r -p) "$SITE/ocsp"
chmod -R a+rX "$WORK/site"
cat >"$WORK/nginx.conf" <<NGINX
worker_processes $(nproc);
daemon off;
pid $WORK/nginx.pid;
error_log $WORK/nginx.log;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 1000000000; open_file_cache max=100; server { listen 127.0.0.1:18099; root $WORK/site; } }
NGINX
nginx -c "$WORK/nginx.conf" -p "$WORK" 2>/dev/null &
STARTED+=($!)
sleep 1
of_nginx() { rate http://127.0.0.1:18099/body; }
of_post() { REQUESTS=$WORK/post rate "$SITE/ocsp" ocsp-post.lua; }
of_get() { REQUESTS=$WORK/get rate "$SITE/ocsp" ocsp-get.lua; }
of_nonce() { NONCE=1 REQUESTS=$WORK/nonce rate "$SITE/ocsp" ocsp-post.lua; }
of_tsa() { QUERY=$WORK/query rate "$SITE/tsa" tsa.lua; }
of_p256() { signatures ecdsap256; }
of_rsa() { signatures rsa2048; }
echo "$(wc -c <"$WORK/site/body") octets an answer, 100,000 certificates, $CONNECTIONS connections, $(nproc) processors"
row "OCSP by GET, no nonce / nginx" of_nginx of_get
row "OCSP by POST, no nonce / nginx" of_nginx of_post
row "OCSP with nonce, P-256 / openssl speed" of_p256 of_nonce
row "time-stamps, P-256 / openssl speed" of_p256 of_tsa
stop

# --- RSA
"$WORLD" init "$WORK/rsa" RSA-2048
"$WORLD" fill "$WORK/rsa" 100000
WORLD_NONCE=1 "$WORLD" requests "$WORK/rsa" 20000 100000 >"$WORK/nonce"
run_world "$WORK/rsa"
row "OCSP with nonce, RSA-2048 / openssl speed" of_rsa of_nonce
row "time-stamps, RSA-2048 / openssl speed" of_rsa of_tsa
stop

# --- A large register
"$WORLD" init "$WORK/large" P-256
"$WORLD" fill "$WORK/large" "$LARGE"
"$WORLD" init "$WORK/small" P-256
"$WORLD" fill "$WORK/small" 10000
look_small() { "$WORLD" look "$WORK/small" 300000 10000 | awk '{ print 1e6 / $1 }'; }
look_large() { "$WORLD" look "$WORK/large" 300000 "$LARGE" | awk '{ print 1e6 / $1 }'; }
row "look-up alone, $LARGE / 10,000" look_small look_large
WORLD_NONCE=1 "$WORLD" requests "$WORK/small" 10000 10000 | shuf >"$WORK/nonce-small"
WORLD_NONCE=1 "$WORLD" requests "$WORK/large" 50000 "$LARGE" | shuf >"$WORK/nonce-large"
run_world "$WORK/small"
SMALL=$SITE
run_world "$WORK/large"
answer_small() { NONCE=1 REQUESTS=$WORK/nonce-small rate "$SMALL/ocsp" ocsp-post.lua; }
answer_large() { NONCE=1 REQUESTS=$WORK/nonce-large rate "$SITE/ocsp" ocsp-post.lua; }
row "OCSP with nonce, $LARGE / 10,000" answer_small answer_large
stop
