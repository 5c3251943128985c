#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The database tests once more with a real PostgreSQL; the unit suite runs them with SQLite alone.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

unset CMOCKA_MESSAGE_OUTPUT # its plain words are read below
[ -x "$BUILD/tests/unit/test_store" ] || skip_all "no unit tests in this build"
"$SOURCE/tests/support/postgresql-server" true || skip_all "no PostgreSQL"
for program in test_store test_store_postgresql; do
    check "$program passes on PostgreSQL" "$SOURCE/tests/support/postgresql-server" "$BUILD/tests/unit/$program"
    check "none was skipped" test "$(grep -c SKIPPED "$LOG")" = 0
done
finish
