#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The tests of the pages, and of the log, once more with a real PostgreSQL; the unit suite runs them with SQLite alone.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/postgresql-units.sh"
postgresql_units 'test_web_*' test_api_log test_jobs_codes
