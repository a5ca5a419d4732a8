"""From a simulated estate's files to a visit list, with the commands of the README, on both forms of the store."""

import os
import subprocess
import sys

import psycopg
import pytest

UNITS = 60
FIGURES = """
SELECT unit_id, day::text, round(water_l::numeric, 3), round(electricity_kwh::numeric, 3), water_coverage,
       electricity_coverage
FROM daily_use ORDER BY unit_id, day
"""
PASSAGES = "SELECT unit_id, day::text, class, sum(passages)::int FROM daily_passages GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
ALERTS = (
    "SELECT unit_id, device_id, kind, level, since::text, round(probability::numeric, 6) FROM alerts ORDER BY 1, 2, 3"
)


@pytest.fixture
def world(home):
    """An estate's lists and 45 days of history. The folder with the truth is not read."""
    command = [sys.executable, "-m", "device_sim", "history", "--out", str(home / "world")]
    subprocess.run([*command, "--units", str(UNITS), "--days", "45", "--seed", "3"], check=True, capture_output=True)
    return home / "world"


def chain(world, database):
    """Run the commands of the README."""
    environment = os.environ | {"ESTATE_DATABASE_URL": database, "ESTATE_HOME": str(world.parent / "unused")}
    for command in (
        ("db", "migrate"),
        ("registry", "import", str(world / "registry")),
        ("history", "import", str(world / "history")),
        ("detect",),
        ("detect",),  # a second run finds the same and opens nothing
        ("visits", "plan", "--k", "5"),
    ):
        result = subprocess.run(
            [sys.executable, "-m", "gateway", *command], env=environment, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr


@pytest.mark.slow
def test_both_stores_come_to_the_same_figures_and_the_same_suspicions(world, database, timescale):
    told = []
    for url in (database, timescale):
        chain(world, url)
        with psycopg.connect(url, prepare_threshold=None) as conn:
            rows = [conn.execute(query).fetchall() for query in (FIGURES, PASSAGES, ALERTS)]
            visits = conn.execute('SELECT unit_id FROM visits ORDER BY "order"').fetchall()
        told.append([*rows, visits])
    plain, timescaled = told
    assert plain == timescaled
    figures, passages, alerts, visits = plain
    assert len(figures) >= UNITS * 44
    assert {kind for _, _, kind, _ in passages} >= {"registered"}
    assert len(alerts) == len({(unit_id, device_id, kind) for unit_id, device_id, kind, *_ in alerts})
    assert {unit_id for (unit_id,) in visits} <= {unit_id for unit_id, *_ in alerts}
    assert not (world.parent / "unused").exists()
