# SPDX-License-Identifier: EUPL-1.2
"""Lists over a million people: the rows of bench/table.py about them."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEOPLE = 1000000


def questions(*command):
    """(median, longest, rows, name) of each question that bench_lists asks."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode == 77:
        return []
    if done.returncode != 0:
        raise SystemExit(f"bench: {command[0]}: {done.stderr}{done.stdout}")
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    return [(float(median), float(longest), rows, name) for median, longest, rows, name in lines]


def lists(bench, build, work):
    """Spec: under 100 ms with a million rows. Each question is asked fifteen times; its median counts."""
    program = build / "bench/bench_lists"
    server = [ROOT / "tests/support/postgresql-server", "sh", "-c", f'exec "{program}" "$REFRENDA_POSTGRESQL" {PEOPLE}']
    database = work / "lists.db"
    for kind, command in (("SQLite", [program, f"sqlite:{database}", PEOPLE]), ("PostgreSQL", server)):
        asked = sorted(questions(*command), reverse=True)
        if not asked:
            continue
        slowest = ", ".join(f"{name} {median:.0f} ms" for median, _, _, name in asked[:3])
        typical = asked[len(asked) // 2][0]
        bench.row(f"a page of a list of {PEOPLE:,} people, {kind}: {len(asked)} questions (sorted, searched, deep pages, scopes)",
                  f"slowest: {slowest}", "≤ 100 ms", f"{asked[0][0]:.0f} ms the slowest, {typical:.1f} ms the middle one", asked[0][0] <= 100)
    if os.path.exists(database):
        os.remove(database)
