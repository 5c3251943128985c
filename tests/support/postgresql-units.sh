# SPDX-License-Identifier: EUPL-1.2
# Unit tests once more with a real PostgreSQL, one for all of them: postgresql_units PATTERN... (of names below tests/unit).
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/tap.sh"

postgresql_units() {
    local program name ran skipped total=0
    unset CMOCKA_MESSAGE_OUTPUT # its plain words are read below
    for program in $(cd "$BUILD/tests/unit" && ls -d $*); do
        name=$program program=$BUILD/tests/unit/$program
        [ -f "$program" ] && [ -x "$program" ] || continue
        grep -q _postgresql "$program" || continue
        check "$name passes on PostgreSQL" "$program" # those of its tests that end with _postgresql; some have none
        ran=$(grep -c 'OK ] .*_postgresql$' "$LOG") skipped=$(grep -c SKIPPED "$LOG")
        check "$name: $ran tests, none was skipped" test "$skipped" = 0
        total=$((total + ran))
    done
    [ "$COUNT" = 0 ] || check "$total tests in all" test "$total" -gt 0
    [ "$COUNT" -gt 0 ] || skip "no unit tests in this build"
    finish
}

# Programs with tests on both databases: that one of the scenarios here, or 20-store, names them.
every_unit_is_named() {
    local patterns pattern unit status=0
    patterns=$(sed -nE "s/^(postgresql_units|for program in) ([^;]*).*/\2/p" "$SOURCE"/tests/scenario/*.sh | tr -d "'")
    for unit in $(cd "$SOURCE/tests/unit" && grep -lE '(IN|ON)_BOTH_[A-Z]+\(|"_postgresql"' test_*.c); do
        for pattern in $patterns; do
            # shellcheck disable=SC2053 # a pattern
            [[ ${unit%.c} != $pattern ]] || continue 2
        done
        echo "$unit"
        status=1
    done
    return $status
}

if [ -z "${REFRENDA_POSTGRESQL:-}" ]; then
    "$SOURCE/tests/support/postgresql-server" env CLEAN_WORK="${CLEAN_WORK:-}" "$0"
    status=$?
    [ $status != 77 ] || skip_all "no PostgreSQL"
    exit $status
fi
