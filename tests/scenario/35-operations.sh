#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Runs docs/operations.md: every command of a block that is marked with <!-- run -->, as it is written there.
#   <!-- run -->           runs its lines, one after the other
#   <!-- run: server -->   starts the line in the background and waits until it serves
#   <!-- run: stopped -->  stops the server first
. "${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"
have python3 curl openssl || skip_all "python3, curl or openssl is missing"
export PATH="$BUILD:$PATH"

blocks() { # lines "KIND<TAB>COMMAND"
    python3 - "$SOURCE/docs/operations.md" <<'END'
import re, sys
text = open(sys.argv[1], encoding="utf-8").read()
for kind, block in re.findall(r"<!-- run(?:: (\w+))? -->\n((?:    .*\n|\n(?=    ))+)", text):
    for line in block.splitlines():
        if line.strip():
            print(kind or "run", line[4:], sep="\t")
END
}

read -r STATUS_PORT API_PORT METRICS_PORT < <(free_ports 3)
export STATUS_URL=http://127.0.0.1:$STATUS_PORT
sed -e "s/127.0.0.1:8089/127.0.0.1:$STATUS_PORT/g; s/127.0.0.1:8090/127.0.0.1:$API_PORT/; s/127.0.0.1:8091/127.0.0.1:$METRICS_PORT/" \
    "$SOURCE/packs/plans/demo.yaml" >plan.yaml
printf 'una frase inventada para la copia\n' >backup.password
running=
commands=0
while IFS=$'\t' read -r kind line <&3; do
    commands=$((commands + 1))
    case $kind in
    server)
        check "$line" authority_start authority
        running=1
        ;;
    *)
        if [ "$kind" = stopped ] && [ -n "$running" ]; then
            check "the server stops" authority_stop
            running=
        fi
        case $line in # the log is there as soon as the worker has begun it
        "refrenda log verify"*) check "${line:0:90}" eventually bash -c "$line" ;;
        *) check "${line:0:90}" bash -c "$line" ;;
        esac
        ;;
    esac
done 3< <(blocks)
[ -z "$running" ] || authority_stop
check "the document has commands to run" test "$commands" -ge 20
finish
