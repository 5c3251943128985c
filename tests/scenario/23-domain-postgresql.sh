#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The tests of what the server keeps in its database once more with a real PostgreSQL; the unit suite runs them with
# SQLite alone.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

unset CMOCKA_MESSAGE_OUTPUT # its plain words are read below
"$SOURCE/tests/support/postgresql-server" true || skip_all "no PostgreSQL"
for program in "$BUILD"/tests/unit/test_domain_* "$BUILD"/tests/unit/test_web_* "$BUILD"/tests/unit/test_api_log; do
    [ -f "$program" ] && [ -x "$program" ] || continue
    name=$(basename "$program")
    grep -q _postgresql "$program" || continue
    check "$name passes on PostgreSQL" "$SOURCE/tests/support/postgresql-server" "$program"
    check "$name: none was skipped" test "$(grep -c SKIPPED "$LOG")" = 0
done
[ "$COUNT" -gt 0 ] || skip "no unit tests in this build"
finish
