#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The tests of what the server keeps in its database once more with a real PostgreSQL; the unit suite runs them with SQLite alone.
. "${SOURCE:-$(dirname "$0")/../..}/tests/support/postgresql-units.sh"
postgresql_units 'test_domain_*'
