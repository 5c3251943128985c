#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Runs docs/operations.md: every command of a block that is marked with <!-- run -->, as it is written there.
#   <!-- run -->           runs its lines, one after the other
#   <!-- run: server -->   starts the line in the background and waits until it serves
#   <!-- run: stopped -->  stops the server first
#   <!-- settings -->      adds the lines to the instance's settings for as long as they are checked
. "${SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/support/tap.sh"
. "$SOURCE/tests/support/authority.sh"
have python3 curl openssl softhsm2-util || skip_all "python3, curl, openssl or SoftHSM is missing"
if [ -z "${REFRENDA_POSTGRESQL:-}" ]; then
    "$SOURCE/tests/support/postgresql-server" true || skip_all "no PostgreSQL"
    exec "$SOURCE/tests/support/postgresql-server" env CLEAN_WORK="${CLEAN_WORK:-}" bash "$0"
fi
export PATH="$BUILD:$PATH"

blocks() { # lines "KIND<TAB>COMMAND"
    python3 - "$SOURCE/docs/operations.md" <<'END'
import re, sys
text = open(sys.argv[1], encoding="utf-8").read()
for number, (word, kind, block) in enumerate(re.findall(r"<!-- (run|settings)(?:: (\w+))? -->\n((?:    .*\n|\n(?=    ))+)", text)):
    lines = [line[4:] for line in block.splitlines() if line.strip()]
    if word == "settings":
        open(f"settings-{number}.yaml", "w", encoding="utf-8").write("\n".join(lines) + "\n")
        print(word, f"settings-{number}.yaml", sep="\t")
    else:
        print(*(f"{kind or word}\t{line}" for line in lines), sep="\n")
END
}

read -r STATUS_PORT API_PORT METRICS_PORT < <(free_ports 3)
export STATUS_URL=http://127.0.0.1:$STATUS_PORT DATABASE=$REFRENDA_POSTGRESQL SOFTHSM2_CONF=$WORK/softhsm2.conf
mkdir tokens
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$WORK/tokens" >softhsm2.conf
sed -e "s/127.0.0.1:8089/127.0.0.1:$STATUS_PORT/g; s/127.0.0.1:8090/127.0.0.1:$API_PORT/; s/127.0.0.1:8091/127.0.0.1:$METRICS_PORT/" \
    "$SOURCE/packs/plans/demo.yaml" >plan.yaml
printf 'una frase inventada para la copia\n' >backup.password
running=
commands=0
settings_are_good() { # a file of them
    local status=0
    cp authority/refrenda.yaml before.yaml
    cat "$1" >>authority/refrenda.yaml
    refrendad --home authority --check || status=$?
    mv before.yaml authority/refrenda.yaml
    return $status
}
while IFS=$'\t' read -r kind line <&3; do
    commands=$((commands + 1))
    case $kind in
    server)
        check "$line" authority_start "${line##* }"
        running=1
        ;;
    settings) check "the settings $(head -n 1 "$line") ... are good" settings_are_good "$line" ;;
    *)
        if [ "$kind" = stopped ] && [ -n "$running" ]; then
            check "the server stops" authority_stop
            running=
        fi
        case $line in # somebody has guessed passwords before
        "refrenda account unlock"*) authority_sql_write authority/data/refrenda.db "UPDATE account SET state = 'locked' WHERE code = 'U0001'" ;;
        esac
        case $line in # the log is there as soon as the worker has begun it
        "refrenda log verify"*) check "${line:0:90}" eventually bash -c "$line" ;;
        *) check "${line:0:90}" bash -c "$line" ;;
        esac
        ;;
    esac
done 3< <(blocks)
[ -z "$running" ] || authority_stop
check "the document has commands to run" test "$commands" -ge 45
finish
