from datetime import UTC, datetime
from pathlib import Path

import pytest

from device_sim.errors import BadParameterError
from device_sim.fates import Fate, fate_of
from device_sim.scenario import parse_scenario, read_scenario, ready, template
from device_sim.switches import Switches
from device_sim.world import build_world

NOW = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)


@pytest.mark.parametrize("name", [name for name, _ in ready()])
def test_every_ready_scenario_can_be_run(name):
    scenario = read_scenario(name, NOW)
    assert scenario.title
    assert scenario.plan.units >= 60


def test_the_template_says_the_defaults():
    assert parse_scenario(template(), NOW) == parse_scenario(f'title = "{parse_scenario(template(), NOW).title}"', NOW)


def test_a_file_is_read_whole(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("""
title = "mine"
[world]
units = 500
end = "2026-11-20"
disguise = "registered"
[misuse]
sublet = 2
[lookalikes]
hospital = 0.02
[dialects]
facesluice = 0.5
[run]
mode = "history"
out = "there"
[faults]
cut = 0.5
""", "utf-8")  # fmt: skip
    scenario = read_scenario(str(path), NOW)
    assert scenario.plan.dialects == (("facesluice", 0.5),)
    assert scenario.plan.disguise == 2
    assert (scenario.mode, scenario.out, scenario.faults) == ("history", Path("there"), Switches(cut=0.5))
    found = [fate_of(1, scenario.plan.rates, index) for index in range(500)]
    assert (found.count(Fate.SUBLET), found.count(Fate.HOSPITAL)) == (2, 10)


def test_three_dialects_and_two_sublets_are_ready():
    plan = read_scenario("three-dialects", NOW).plan
    fates = [fate_of(plan.seed, plan.rates, index) for index in range(plan.units)]
    assert plan.units == 500
    assert fates.count(Fate.SUBLET) == 2
    assert not {Fate.VACANCY, Fate.SHORT_LET, Fate.SQUATTING} & set(fates)
    assert len(plan.dialects) == 2  # and the native one


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[world]\nunit = 5", r"\[world\] unit: not one of"),
        ("[weather]\nrain = 1", r"\[weather\]: no such table"),
        ("[world]\nunits = 'many'", "world.units many: must be a number"),
        ("[world]\nunits = 0", "--units 0"),
        ("[world]\ndisguise = 'cape'", "disguise cape: not one of plain"),
        ("[misuse]\nsublet = true", "sublet True: must be a number"),
        ("[misuse]\nsublet = 500", "together"),
        ("[faults]\ncut = 2", "cut 2"),
        ("[dialects]\nklingon = 1", "klingon"),
        ("[run]\nmode = 'sideways'", "mode sideways"),
        ("[", "TOML|Invalid|Expected"),
    ],
)
def test_mistakes_are_named(tmp_path, text, said):
    path = tmp_path / "bad.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadParameterError, match=said) as refused:
        read_scenario(str(path), NOW)
    assert str(refused.value).startswith(str(path))


def test_a_name_that_is_nothing_is_told_the_ready_ones():
    with pytest.raises(BadParameterError, match=r"none of the ready ones: .*quick"):
        read_scenario("nothing", NOW)


def test_the_guides_scenario_has_two_sublets_that_are_there_to_be_seen():
    plan = read_scenario("three-dialects", NOW).plan
    cases = [row for dwelling in build_world(plan).dwellings for row in dwelling.truth if row.kind != "honest"]
    assert [(row.kind, row.subtype) for row in cases] == [("sublet", "whole")] * 2
    for row in cases:
        assert 21 <= plan.end_day - row.start <= 45
        assert row.end is None
        assert row.disguise != "registered"
