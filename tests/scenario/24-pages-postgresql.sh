#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The tests of the pages, the worker's jobs, the APIs, and of the log once more with a real PostgreSQL; the unit suite runs them with
# SQLite alone. And that no program with such tests is forgotten.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/postgresql-units.sh"
check "every unit program with tests on PostgreSQL is run by one of the scenarios" every_unit_is_named
postgresql_units 'test_web_*' 'test_api_*' 'test_jobs*' test_compromised_web
