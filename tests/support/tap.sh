# SPDX-License-Identifier: EUPL-1.2
# Test Anything Protocol for the shell scripts of scenario/ and interop/. Source it first:
#
#   . "$SOURCE/tests/support/tap.sh"
#   check "a name" command arguments...          passes when the command succeeds
#   check_status 4 "a name" command...           passes when it ends with this status
#   check_says "text" "a name" command...        passes when its output (both streams) holds the text
#   check_log "text" "a name"                    passes when the command before printed the text
#   skip "why"                                   counts one test as skipped
#   have tool... || skip_all "why"
#
# Machines may be slow and busy: a test waits for what it needs, never for a time, and long enough.
#
#   eventually command...                        waits until the command succeeds, for PATIENCE seconds at most
#   free_ports COUNT                             ports for servers (tests/support/free_ports.py)
#
# What a command printed is in $LOG. Runs in an empty folder, $WORK, that is removed afterwards.

set -uo pipefail
: "${SOURCE:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${BUILD:=$SOURCE/build}"
: "${REFRENDA:=$BUILD/refrenda}"
: "${REFRENDA_CORPORA:=$SOURCE/../shared/corpora}"
if [ -z "${WORK:-}" ]; then
    WORK=$(mktemp -d)
    CLEAN_WORK=1
fi
export SOURCE BUILD REFRENDA REFRENDA_CORPORA WORK LC_ALL=C.UTF-8 LANGUAGE=en TZ=UTC
LOG=$WORK/.log
COUNT=0
FAILED=0
SERVERS=()
: "${PATIENCE:=120}"
cd "$WORK" || exit 99

report() { # ok|not-ok name
    COUNT=$((COUNT + 1))
    if [ "$1" = ok ]; then
        printf 'ok %d - %s\n' "$COUNT" "$2"
    else
        FAILED=$((FAILED + 1))
        printf 'not ok %d - %s\n' "$COUNT" "$2"
        sed 's/^/# /' "$LOG" | tail -n 40
    fi
}

check() {
    local name=$1
    shift
    local status=0
    "$@" >"$LOG.next" 2>&1 || status=$? # the command may read the log of the one before
    mv "$LOG.next" "$LOG"
    if [ "$status" = 0 ]; then report ok "$name"; else report not-ok "$name"; fi
}

# The output of the command before holds the text; it stays as it is.
check_log() { # text name
    if grep -qF -- "$1" "$LOG"; then report ok "$2"; else report not-ok "$2"; fi
}

check_status() {
    local wanted=$1 name=$2 status=0
    shift 2
    "$@" >"$LOG" 2>&1 || status=$?
    if [ "$status" = "$wanted" ]; then
        report ok "$name"
    else
        printf 'status %s, wanted %s\n' "$status" "$wanted" >>"$LOG"
        report not-ok "$name"
    fi
}

check_says() {
    local text=$1 name=$2
    shift 2
    "$@" >"$LOG" 2>&1
    if grep -qF -- "$text" "$LOG"; then report ok "$name"; else report not-ok "$name"; fi
}

skip() {
    COUNT=$((COUNT + 1))
    printf 'ok %d - # SKIP %s\n' "$COUNT" "$1"
}

skip_all() {
    skip "$1"
    finish
}

eventually() { # its output is that of the last try
    local end=$((SECONDS + PATIENCE)) said
    said=$(mktemp "$WORK/.said.XXXXXX")
    until "$@" >"$said" 2>&1; do
        [ $SECONDS -lt $end ] || {
            echo "never: $*"
            cat "$said"
            rm -f "$said"
            return 1
        }
        sleep 0.05
    done
    cat "$said"
    rm -f "$said"
}

free_ports() { python3 "$SOURCE/tests/support/free_ports.py" "$1"; }

have() {
    local tool
    for tool in "$@"; do command -v "$tool" >/dev/null 2>&1 || return 1; done
}

# Starts the loopback time-stamp, OCSP and CRL server on a folder; sets URL. Further arguments go to the server.
serve_pki() { # folder [argument...]
    local folder=$1 port_file=$WORK/.port.${#SERVERS[@]}.$RANDOM
    shift
    python3 "$SOURCE/tests/support/pki_server.py" "$folder" --port 0 --port-file "$port_file" "$@" 2>>"$WORK/.server.log" &
    SERVERS+=($!)
    eventually test -s "$port_file"
    URL=http://127.0.0.1:$(cat "$port_file")
}

# A demo hierarchy whose services answer: sets PKI and URL.
demo_pki() {
    PKI=$WORK/pki
    mkdir -p "$PKI"
    serve_pki "$PKI"
    "$REFRENDA" certs demo "$PKI" --force --url "$URL" --quiet
}

stop_servers() {
    [ ${#SERVERS[@]} -gt 0 ] && kill "${SERVERS[@]}" 2>/dev/null
    SERVERS=()
}

finish() {
    stop_servers
    printf '1..%d\n' "$COUNT"
    [ -n "${CLEAN_WORK:-}" ] && cd / && rm -rf "$WORK"
    exit $((FAILED > 0))
}
trap stop_servers EXIT
