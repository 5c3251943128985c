#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The tests of what the server keeps in its database once more with a real PostgreSQL, one for all of them; the unit suite runs
# them with SQLite alone.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

if [ -z "${REFRENDA_POSTGRESQL:-}" ]; then
    "$SOURCE/tests/support/postgresql-server" env CLEAN_WORK="${CLEAN_WORK:-}" "$0"
    status=$?
    [ $status != 77 ] || skip_all "no PostgreSQL"
    exit $status
fi
unset CMOCKA_MESSAGE_OUTPUT # its plain words are read below
total=0
for program in "$BUILD"/tests/unit/test_domain_* "$BUILD"/tests/unit/test_web_* "$BUILD"/tests/unit/test_api_log; do
    [ -f "$program" ] && [ -x "$program" ] || continue
    name=$(basename "$program")
    grep -q _postgresql "$program" || continue
    check "$name passes on PostgreSQL" "$program" # those of its tests that end with _postgresql; some have none
    ran=$(grep -c 'OK ] .*_postgresql$' "$LOG") skipped=$(grep -c SKIPPED "$LOG")
    check "$name: $ran tests, none was skipped" test "$skipped" = 0
    total=$((total + ran))
done
[ "$COUNT" = 0 ] || check "$total tests in all" test "$total" -gt 0
[ "$COUNT" -gt 0 ] || skip "no unit tests in this build"
finish
