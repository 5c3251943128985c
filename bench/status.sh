#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# How fast the public status services are, against what else could be done with the same processors: nginx that sends a
# body of the same size from a file, and openssl that signs with the same kind of key. Yardstick and work take turns; what
# is printed is the middle one of all turns' ratios. The load generator (wrk) shares the processors with what is measured.
#
# Where something else is running, too, those ratios say little. The second ratio is of processor time: what one request
# takes of it in all (server, signers, load generator), against what one takes with nginx, or one signature with openssl.
# On a quiet machine that is busy both are about the same.
#
#   bench/status.sh [BUILD] [TURNS] [SECONDS] [CERTIFICATES OF THE LARGE REGISTER]
#
# The last rows say what a large register costs, against one with 10,000 certificates that are all asked for: the look-up
# alone; whole answers with nonce, for another certificate each time (the register is read for each, where the small one
# is remembered), and for 10,000 of them again and again.
set -euo pipefail
SOURCE=$(cd "$(dirname "$0")/.." && pwd)
BUILD=${1:-$SOURCE/build}
TURNS=${2:-5}
SECONDS_EACH=${3:-5}
LARGE=${4:-10000000}
WORLD=$BUILD/tests/interop/status_world
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

run_world() { # folder: sets SITE and NOW
    NOW=$1
    rm -f "$1/port"
    "$WORLD" run "$1" 2>>"$WORK/output" &
    STARTED+=($!)
    for _ in $(seq 200); do
        [ -s "$1/port" ] && curl -fs "http://127.0.0.1:$(cat "$1/port")/health/ready" >/dev/null && break
        sleep 0.1
    done
    SITE=http://127.0.0.1:$(cat "$1/port")
}
cpu_of() { # pids: ticks that they have used
    local pid sum=0 line
    for pid in "$@"; do
        line=$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | awk '{ print $12 + $13 }') || line=0
        sum=$((sum + ${line:-0}))
    done
    echo "$sum"
}
rate() { # url requests pids...: a second, and as many as there would be if the processors did nothing else
    local url=$1 requests=$2 before after
    shift 2
    before=$(cpu_of "$@")
    TIMEFORMAT='%U %S'
    { time REQUESTS=$requests SIZE=$(cat "$requests.size" 2>/dev/null) wrk -t1 -c"$CONNECTIONS" -d"$SECONDS_EACH" \
        ${requests:+-s "$SOURCE/bench/status/requests.lua"} "$url" >"$WORK/wrk"; } 2>"$WORK/wrk.time"
    after=$(cpu_of "$@")
    if grep -E 'Non-2xx|Socket errors' "$WORK/wrk" >&2; then echo "of $url" >&2; fi
    awk -v ticks=$((after - before)) -v hertz="$(getconf CLK_TCK)" -v processors="$(nproc)" '
        FNR == NR { own = $1 + $2; next }
        / requests in / { requests = $1 }
        /^Requests\/sec/ { print $2, processors * requests / (own + ticks / hertz) }' "$WORK/wrk.time" "$WORK/wrk"
}
signatures() { # algorithm: a second with all processors; and by processor time
    local all one
    all=$(openssl speed -elapsed -seconds "$SECONDS_EACH" -multi "$(nproc)" "$1" 2>/dev/null | awk 'END { print $(NF - 1) }')
    one=$(openssl speed -seconds "$SECONDS_EACH" "$1" 2>/dev/null | awk 'END { print $(NF - 1) }')
    awk -v all="$all" -v one="$one" -v processors="$(nproc)" 'BEGIN { print all, one * processors }'
}
row() { # name, yardstick's command, work's command
    local turns=()
    for _ in $(seq "$TURNS"); do
        # shellcheck disable=SC2207 # two numbers each
        turns+=($("$2") $("$3"))
    done
    python3 - "$1" "${turns[@]}" <<'ROW'
import sys
numbers = [float(x) for x in sys.argv[2:]]
turns = [numbers[i : i + 4] for i in range(0, len(numbers), 4)]
middle = lambda values: sorted(values)[len(values) // 2]
print(f"{sys.argv[1]:<42} {middle([t[2] for t in turns]):>8.0f} /s  yardstick {middle([t[0] for t in turns]):>8.0f} /s  "
      f"ratio {middle([t[2] / t[0] for t in turns]):.2f}  by processor time {middle([t[3] / t[1] for t in turns]):.2f}")
ROW
}
world() { cat "$1"/*.pid; } # folder
whole() { # method path type file: of lines of hexadecimal, whole requests
    python3 "$SOURCE/bench/status/requests.py" "$1" "$2" "$3" >"$4" 2>"$4.size"
}
ocsp_requests() { # file folder count of
    "$WORLD" requests "$2" "$3" "$4" | shuf --random-source=<(yes) | whole "${METHOD:-post}" /ocsp application/ocsp-request "$1"
}

# --- Without nonce, 100,000 certificates in memory, against nginx
"$WORLD" init "$WORK/p256" P-256
"$WORLD" fill "$WORK/p256" 100000
ocsp_requests "$WORK/post" "$WORK/p256" 100000 100000
METHOD=get ocsp_requests "$WORK/get" "$WORK/p256" 100000 100000
WORLD_NONCE=1 ocsp_requests "$WORK/nonce" "$WORK/p256" 100000 100000
openssl ts -query -data "$0" -sha256 -cert 2>/dev/null | xxd -p -c 1000 | whole post /tsa application/timestamp-query "$WORK/query"
run_world "$WORK/p256"
REQUESTS=$WORK/post SIZE=$(cat "$WORK/post.size") wrk -t1 -c64 -d20 -s "$SOURCE/bench/status/requests.lua" "$SITE/ocsp" >/dev/null # all signed once
mkdir "$WORK/site"
curl -s -o "$WORK/site/body" -H 'Content-Type: application/ocsp-request' --data-binary @<("$WORLD" requests "$WORK/p256" 1 1 | xxd -r -p) "$SITE/ocsp"
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
NGINX=$!
STARTED+=("$NGINX")
sleep 1
# shellcheck disable=SC2046 # pids
of_nginx() { rate http://127.0.0.1:18099/body "" $(pgrep -P "$NGINX"); }
# shellcheck disable=SC2046
of_post() { rate "$SITE/ocsp" "$WORK/post" $(world "$WORK/p256"); }
# shellcheck disable=SC2046
of_get() { rate "$SITE/ocsp" "$WORK/get" $(world "$WORK/p256"); }
# shellcheck disable=SC2046
of_nonce() { NONCE=1 rate "$SITE/ocsp" "$WORK/nonce" $(world "$NOW"); }
# shellcheck disable=SC2046
of_tsa() { rate "$SITE/tsa" "$WORK/query" $(world "$NOW"); }
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
WORLD_NONCE=1 ocsp_requests "$WORK/nonce" "$WORK/rsa" 100000 100000
run_world "$WORK/rsa"
row "OCSP with nonce, RSA-2048 / openssl speed" of_rsa of_nonce
row "time-stamps, RSA-2048 / openssl speed" of_rsa of_tsa
stop

# --- A large register
"$WORLD" init "$WORK/large" P-256
"$WORLD" fill "$WORK/large" "$LARGE"
"$WORLD" init "$WORK/small" P-256
"$WORLD" fill "$WORK/small" 10000
look_small() { "$WORLD" look "$WORK/small" 300000 10000 | awk '{ print 1e6 / $1, 1e6 / $1 }'; }
look_large() { "$WORLD" look "$WORK/large" 300000 "$LARGE" | awk '{ print 1e6 / $1, 1e6 / $1 }'; }
row "look-up alone, $LARGE / 10,000" look_small look_large
WORLD_NONCE=1 ocsp_requests "$WORK/nonce-small" "$WORK/small" 10000 10000
WORLD_NONCE=1 ocsp_requests "$WORK/nonce-large" "$WORK/large" 500000 "$LARGE"
WORLD_NONCE=1 ocsp_requests "$WORK/nonce-same" "$WORK/large" 10000 "$LARGE"
run_world "$WORK/small"
SMALL=$SITE
run_world "$WORK/large"
# shellcheck disable=SC2046
answer_small() { NONCE=1 rate "$SMALL/ocsp" "$WORK/nonce-small" $(world "$WORK/small"); }
# shellcheck disable=SC2046
answer_large() { NONCE=1 rate "$SITE/ocsp" "$WORK/nonce-large" $(world "$WORK/large"); }
# shellcheck disable=SC2046
answer_same() { NONCE=1 rate "$SITE/ocsp" "$WORK/nonce-same" $(world "$WORK/large"); }
row "OCSP with nonce, always others of $LARGE" answer_small answer_large
row "OCSP with nonce, 10,000 of $LARGE" answer_small answer_same
stop
