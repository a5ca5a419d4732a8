import csv
from pathlib import Path

import pytest

from device_sim.registry import write_registry

COLUMNS = {
    "estates": "estate_id,name,timezone",
    "units": "unit_id,estate_id,building,entrance,floor,room,area_m2,tenure",
    "households": "household_id,unit_id,size,lease_start,lease_end,category,care",
    "persons": "person_id,household_id,role,valid_from,valid_to,face_enrolled",
    "devices": "device_id,estate_id,kind,unit_id,building,entrance,codec,register_digits",
    "absences": "household_id,start,end,reason",
}


@pytest.fixture(scope="module")
def folder(world, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("registry") / "lists"
    write_registry(path, world)
    return path


@pytest.fixture(scope="module")
def lists(folder):
    return {name: list(csv.DictReader((folder / f"{name}.csv").read_text("utf-8").splitlines())) for name in COLUMNS}


def test_the_six_files_have_exactly_the_contracts_columns(folder):
    assert {path.stem for path in folder.iterdir()} == set(COLUMNS)
    for name, columns in COLUMNS.items():
        assert (folder / f"{name}.csv").read_text("utf-8").splitlines()[0] == columns


def test_every_reference_is_to_something_listed(lists):
    ids = {name: {row[f"{name[:-1]}_id"] for row in lists[name]} for name in ("estates", "units", "households")}
    assert all(unit["estate_id"] in ids["estates"] for unit in lists["units"])
    assert all(home["unit_id"] in ids["units"] for home in lists["households"])
    assert all(person["household_id"] in ids["households"] | {""} for person in lists["persons"])
    assert all(device["unit_id"] in ids["units"] | {""} for device in lists["devices"])
    assert all(absence["household_id"] in ids["households"] for absence in lists["absences"])


def test_values_are_those_that_the_contract_knows(lists):
    assert {unit["tenure"] for unit in lists["units"]} <= {"leased", "vacant", "held", "repair"}
    roles = {person["role"] for person in lists["persons"]}
    assert {home["care"] for home in lists["households"]} == {"", "lone_elder"}
    assert {"tenant", "member", "staff"} <= roles <= {"tenant", "member", "caregiver", "staff"}
    assert {person["face_enrolled"] for person in lists["persons"]} == {"0", "1"}
    assert {device["kind"] for device in lists["devices"]} == {"water", "electricity", "door"}
    assert {device["register_digits"] for device in lists["devices"]} == {"4", "5", "6", ""}
    assert {absence["reason"] for absence in lists["absences"]} <= {"family", "medical"}


def test_leased_units_have_one_household_with_its_people(lists, plan):
    end = f"{plan.end:%Y-%m-%d}"
    active = [home for home in lists["households"] if not home["lease_end"] or home["lease_end"] >= end]
    leased = [unit["unit_id"] for unit in lists["units"] if unit["tenure"] == "leased"]
    assert sorted(home["unit_id"] for home in active) == sorted(leased)
    for home in active:
        own = [p for p in lists["persons"] if p["household_id"] == home["household_id"] and p["role"] != "caregiver"]
        assert len(own) == int(home["size"])
        assert [person["role"] for person in own].count("tenant") == 1
    elders = [home for home in active if home["care"] == "lone_elder"]
    assert elders
    assert all(home["size"] == "1" for home in elders)


def test_absences_are_told_by_some_and_end(lists):
    assert lists["absences"]
    assert all(absence["start"] <= absence["end"] for absence in lists["absences"])
