"""The two lists against a real PostgreSQL: all or nothing, again and again the same."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from gateway.events import DeviceKind
from gateway.registry.faults import FaultyRegistryError
from gateway.registry.importing import import_registry
from gateway.registry.reading import read_registry
from gateway.registry.rows import ListName, Lists
from gateway.store.database import connect
from gateway.store.migrate import Form, form_of
from gateway.store.registry import (
    Counts,
    DeviceEntry,
    load_devices,
    load_facts,
    load_lists,
    lock_lists,
    registry_version,
)

HEADERS = {
    "estates": ["estate_id", "name", "timezone"],
    "units": ["unit_id", "estate_id", "building", "entrance", "floor", "room", "area_m2", "tenure"],
    "households": ["household_id", "unit_id", "size", "lease_start", "lease_end", "category", "care"],
    "persons": ["person_id", "household_id", "role", "valid_from", "valid_to", "face_enrolled"],
    "devices": ["device_id", "estate_id", "kind", "unit_id", "building", "entrance", "codec", "register_digits"],
    "absences": ["household_id", "start", "end", "reason"],
}
RIGHT = {
    "estates": [["river", "滨河家园", "Asia/Shanghai"]],
    "units": [
        ["u1", "river", "1号楼", "一单元", "1", "101", "52.5", "leased"],
        ["u2", "river", "1号楼", "一单元", "", "102", "", "vacant"],
    ],
    "households": [["h1", "u1", "2", "2025-01-01", "", "低保", "lone_elder"]],
    "persons": [["p1", "h1", "tenant", "2025-01-01", "", "1"], ["p2", "", "staff", "", "", "0"]],
    "devices": [
        ["w1", "river", "water", "u1", "", "", "", "5"],
        ["d1", "river", "door", "", "1号楼", "一单元", "native", ""],
    ],
    "absences": [["h1", "2026-02-01", "2026-02-10", "探亲"], ["h1", "2026-05-01", "", ""]],
}
FAULTY = {
    "estates": [["river", "滨河家园", "Mars/Base"], ["lake", "湖", "UTC"]],
    "units": [
        ["u1", "river", "1号楼", "一单元", "x", "101", "nan", "leased"],
        ["u1", "pond", "1号楼", "一单元", "", "102", "", "sold"],
        ["新 屋", "river", "1号楼", "一单元", "", "", "-1", "leased"],
    ],
    "households": [["h1", "u7", "none", "2025-02-01", "2025-01-01", "", "alone"]],
    "persons": [["p1", "h1", "owner", "01.02.2026", "", "yes"], ["p2", "", "member", "", "", "0"]],
    "devices": [["w1", "lake", "gas", "u1", "", "", "", "0"], ["d1", "", "door", "u8", "", "", "native", ""]],
    "absences": [["h9", "2026-02-30", "", ""]],
}
FAULTS = [
    'estates 2 timezone: "Mars/Base" is not a time zone (such as Asia/Shanghai)',
    'units 2 floor: "x" is not a whole number',
    'units 2 area_m2: "nan" is not a number',
    'units 3 tenure: "sold" is not one of leased, vacant, held, repair',
    'units 3 unit_id: "u1" is already in line 2',
    'units 3 estate_id: "pond" is neither in estates nor in the database',
    'units 4 unit_id: "新 屋" is not an id (1 to 64 of A-Z a-z 0-9 . _ -)',
    "units 4 room: is empty",
    'units 4 area_m2: "-1" is not above 0 and up to 100000',
    'households 2 size: "none" is not a whole number',
    'households 2 care: "alone" is not one of lone_elder',
    "households 2 lease_end: 2025-01-01 is before lease_start 2025-02-01",
    'households 2 unit_id: "u7" is neither in units nor in the database',
    'persons 2 role: "owner" is not one of tenant, member, caregiver, visitor, staff',
    'persons 2 valid_from: "01.02.2026" is not a date (YYYY-MM-DD)',
    'persons 2 face_enrolled: "yes" is not 0 or 1',
    "persons 3 household_id: is empty; a member belongs to a household",
    'devices 2 kind: "gas" is not one of water, electricity, door',
    'devices 2 register_digits: "0" is not from 1 to 12',
    'devices 2 unit_id: "u1" is in estate "pond", the device in "lake"',
    "devices 3 estate_id: is empty",
    'devices 3 unit_id: "u8" is neither in units nor in the database',
    'absences 2 start: "2026-02-30" is not a day of the calendar',
    'absences 2 household_id: "h9" is neither in households nor in the database',
]


def write_folder(path, lists):
    path.mkdir(exist_ok=True)
    for name, rows in lists.items():
        with (path / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([HEADERS[name], *rows])
    return path, lambda name: f"{name}.csv"


def write_workbook(path, lists):
    book = Workbook()
    for name, rows in lists.items():
        sheet = book.create_sheet(name)
        for row in [HEADERS[name], *rows]:
            sheet.append([as_held(cell) for cell in row])
    path = path.with_suffix(".xlsx")
    book.save(path)
    return path, lambda name: f"{path.name}/{name}"


def as_held(cell):
    """What a spreadsheet makes of what is typed: days and numbers."""
    try:
        return date.fromisoformat(cell) if cell.count("-") == 2 else float(cell) if cell != "nan" else cell
    except ValueError:
        return cell or None


@pytest.fixture
def conn(database):
    with connect(database) as conn:
        yield conn


@pytest.fixture
def load(conn, tmp_path):
    """Import lists given as rows; those not given are not in the folder."""

    def run(lists):
        folder = tmp_path / f"lists{len(list(tmp_path.iterdir()))}"
        return import_registry(conn, read_registry(write_folder(folder, lists)[0])).counts

    return run


def everything(conn):
    devices = tuple((entry.device_no, entry.device_id) for entry in load_devices(conn))
    return load_lists(conn), sorted(devices), registry_version(conn)


@pytest.mark.parametrize("write", [write_folder, write_workbook])
@pytest.mark.parametrize("before", [{}, {"estates": [["river", "旧名", "UTC"]]}], ids=["empty", "filled"])
def test_a_faulty_registry_names_every_fault_and_changes_nothing(conn, load, tmp_path, write, before):
    if before:
        load(before)
    state = everything(conn)
    path, file_of = write(tmp_path / "lists", FAULTY)

    with pytest.raises(FaultyRegistryError) as refused:
        import_registry(conn, read_registry(path))

    told = [f"{fault.file} {fault.line} {fault.column}: {fault.problem}" for fault in refused.value.faults]
    assert told == [file_of(text.split()[0]) + text[text.index(" ") :] for text in FAULTS]
    assert str(refused.value) == "24 faults; nothing was changed"
    assert everything(conn) == state


@pytest.mark.parametrize("write", [write_folder, write_workbook])
def test_right_lists_arrive_whole_from_either_form(conn, tmp_path, write):
    raw = read_registry(write(tmp_path / "lists", RIGHT)[0])
    imported = import_registry(conn, raw)

    lists = load_lists(conn)
    assert [len(getattr(lists, name)) for name in ListName] == [1, 2, 1, 2, 2, 2]
    assert lists.units[0].room == "101"
    assert lists.units[0].area_m2 == 52.5
    assert lists.absences[0].end == date(2026, 2, 10)
    assert set(imported.counts) == set(ListName)
    assert imported.version == registry_version(conn) == 1


def test_what_ingestion_holds_of_devices(conn, load):
    assert load_devices(conn) == ()
    assert registry_version(conn) == 0
    load(RIGHT)
    entries = {entry.device_id: entry for entry in load_devices(conn)}
    number = entries["w1"].device_no
    assert entries["w1"] == DeviceEntry(number, "w1", "river", DeviceKind.WATER, "u1", "native", 5, "Asia/Shanghai")
    assert entries["d1"].unit_id is None
    assert entries["d1"].register_digits is None


def test_importing_again_updates_and_says_what_it_did(conn, load):
    load(RIGHT)
    changed = {
        "units": [["u1", "river", "1号楼", "一单元", "1", "101", "52.5", "vacant"], RIGHT["units"][1]],
        "devices": [*RIGHT["devices"], ["w2", "river", "water", "u2", "", "", "", ""]],
    }
    before = {entry.device_id: entry.device_no for entry in load_devices(conn)}

    counts = load(changed)

    assert counts == {ListName.UNITS: Counts(0, 1, 1), ListName.DEVICES: Counts(1, 0, 2)}
    lists = load_lists(conn)
    assert [unit.tenure for unit in lists.units] == ["vacant", "vacant"]
    assert len(lists.persons) == 2, "lists that are not given stay as they are"
    after = {entry.device_id: entry.device_no for entry in load_devices(conn)}
    assert before.items() <= after.items()
    assert registry_version(conn) == 2


def test_an_import_that_changes_nothing_is_seen_and_costs_no_device_numbers(conn, load):
    load(RIGHT)
    counts = load(RIGHT)
    assert all((count.added, count.updated, count.removed) == (0, 0, 0) for count in counts.values())
    assert sum(count.unchanged for count in counts.values()) == 10
    load({"devices": [["w2", "river", "water", "u2", "", "", "", ""]]})
    assert sorted(entry.device_no for entry in load_devices(conn)) == [1, 2, 3]


def test_the_absences_given_for_a_household_replace_its_old_ones(conn, load):
    household = ["h2", "u2", "", "", "", "", ""]
    load(
        RIGHT | {"households": [*RIGHT["households"], household], "absences": [*RIGHT["absences"], ["h2", "", "", ""]]}
    )
    counts = load({"absences": [["h1", "2026-05-01", "2026-05-03", "住院"], ["h1", "2026-08-01", "", ""]]})
    assert counts == {ListName.ABSENCES: Counts(added=1, updated=1, unchanged=0, removed=1)}
    found = [(row.household_id, row.start, row.end) for row in load_lists(conn).absences]
    assert found == [
        ("h1", date(2026, 5, 1), date(2026, 5, 3)),
        ("h1", date(2026, 8, 1), None),
        ("h2", date.min, None),
    ]


def test_a_device_may_change_its_kind_until_it_has_spoken(conn, load):
    load(RIGHT)
    load({"devices": [["w1", "river", "electricity", "u1", "", "", "", ""]]})
    assert {entry.device_id: entry.kind for entry in load_devices(conn)}["w1"] is DeviceKind.ELECTRICITY
    store_reading(conn, "w1", datetime.now(UTC))
    with pytest.raises(FaultyRegistryError) as refused:
        load({"devices": [["w1", "river", "water", "u1", "", "", "", ""]]})
    assert [fault.column for fault in refused.value.faults] == ["kind"]
    with pytest.raises(FaultyRegistryError) as refused:
        load({"estates": [["river", "滨河家园", "UTC"]]})
    assert [fault.column for fault in refused.value.faults] == ["timezone"]


def test_one_import_waits_for_the_other_and_sees_what_it_did(conn, load, database):
    with connect(database) as other, ThreadPoolExecutor(1) as pool:
        with other.transaction():
            lock_lists(other)
            other.execute("INSERT INTO estates VALUES ('river', '滨河家园', 'Asia/Shanghai')")
            waiting = pool.submit(load, {"units": RIGHT["units"]})
            while not other.execute("SELECT exists(SELECT FROM pg_locks WHERE NOT granted)").fetchone()[0]:
                assert not waiting.done()
        assert waiting.result(timeout=30)[ListName.UNITS].added == 2


def test_readers_do_not_wait_for_an_import(conn, database):
    with connect(database) as other, other.transaction():
        lock_lists(other)
        conn.execute("SET lock_timeout = '1s'")
        assert registry_version(conn) == 0
        assert load_lists(conn) == Lists()


IDS = st.sampled_from(["a", "b", "C.1", "d_2-"])
TEXT = st.text("楼号单元abc1 ", min_size=1, max_size=5).filter(lambda text: text.strip())
DAYS = st.sampled_from(["", "2025-01-01", "2025-06-30", "2026-12-31"])


@st.composite
def some_lists(draw):
    """Lists of one estate without faults."""
    units = draw(st.lists(IDS, unique=True, min_size=1))
    households = draw(st.lists(IDS, unique=True))
    period = DAYS.flatmap(lambda start: st.tuples(st.just(start), DAYS.filter(lambda end: not end or end >= start)))

    def rows(keys, *cells):
        return [[key, *(part for cell in cells for part in as_parts(draw(cell)))] for key in keys]

    def as_parts(value):
        return value if isinstance(value, tuple) else (value,)

    tenure = st.sampled_from(["leased", "vacant", "held", "repair"])
    size = st.sampled_from(["", "1", "4"])
    lists = {
        "estates": rows(["river"], TEXT, st.just("Asia/Shanghai")),
        "units": rows(units, st.just("river"), TEXT, TEXT, size, TEXT, st.sampled_from(["", "0.1", "52.5"]), tenure),
        "households": rows(households, st.sampled_from(units), size, period, TEXT, st.sampled_from(["", "lone_elder"])),
    }
    if households:
        lists["persons"] = rows(
            draw(st.lists(IDS, unique=True)),
            st.sampled_from(households),
            st.sampled_from(["tenant", "caregiver"]),
            period,
            st.sampled_from(["0", "1"]),
        )
        lists["absences"] = rows(draw(st.lists(st.sampled_from(households), unique=True)), period, TEXT)
    kind = st.sampled_from(["water", "electricity", "door"])
    lists["devices"] = rows(
        draw(st.lists(IDS, unique=True)), st.just("river"), kind, st.sampled_from(["", *units]), TEXT, TEXT, size, size
    )
    return lists


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(earlier=some_lists(), lists=some_lists())
def test_importing_twice_is_importing_once(conn, load, earlier, lists):
    load(earlier)
    load(lists)
    once = everything(conn)
    counts = load(lists)
    assert everything(conn)[:2] == once[:2]
    assert {(count.added, count.updated, count.removed) for count in counts.values()} <= {(0, 0, 0)}


def store_reading(conn, device_id, moment):
    make_room(conn, moment)
    conn.execute(
        "INSERT INTO readings SELECT device_no, %s, 1, 0 FROM devices WHERE device_id = %s", [moment, device_id]
    )


def store_passage(conn, device_id, moment, person_id):
    make_room(conn, moment)
    conn.execute(
        "INSERT INTO door_events SELECT device_no, %s, %s, 'passage', 'face', 'in', %s, NULL, NULL, NULL, now() "
        "FROM devices WHERE device_id = %s",
        [moment, f"{moment}", person_id, device_id],
    )


def make_room(conn, moment):
    if form_of(conn) is Form.PLAIN:
        conn.execute("SELECT ensure_partitions(%(at)s, %(at)s)", {"at": moment})


@pytest.mark.parametrize("store", ["database", "timescale"])
def test_facts_of_the_stream(request, tmp_path, store):
    with connect(request.getfixturevalue(store)) as conn:
        raw = read_registry(write_folder(tmp_path / "lists", RIGHT)[0])
        import_registry(conn, raw)
        again = import_registry(conn, raw).counts
        assert sum(count.unchanged for count in again.values()) == 10
        stream_and_compare(conn)


def stream_and_compare(conn):
    now = datetime(2026, 6, 15, 4, tzinfo=UTC)
    store_reading(conn, "w1", now - timedelta(days=40))
    store_reading(conn, "w1", now - timedelta(days=2))
    for days in (3, 1):
        store_passage(conn, "d1", now - timedelta(days=days), "p9")
    store_passage(conn, "d1", now, None)
    conn.execute(
        "INSERT INTO quarantine (digest, topic, payload, source, reason, detail, times, first_at, last_at) VALUES "
        "('a', 'estate/v1/river/meter/w9/reading', '', 'mqtt', 'unknown_device', 'w9', 3, now(), now()), "
        "('b', 'estate/v1/river/meter/w1/reading', '', 'mqtt', 'not_json', '', 1, now(), now())"
    )
    facts = load_facts(conn, now)
    assert facts.last_heard == {"w1": now - timedelta(days=2), "d1": now}
    assert [(seen.person_id, seen.last_at, seen.events, seen.device_id) for seen in facts.seen] == [
        ("p9", now - timedelta(days=1), 2, "d1")
    ]
    assert [(refused.topic, refused.reason, refused.detail, refused.messages) for refused in facts.refused] == [
        ("estate/v1/river/meter/w9/reading", "unknown_device", "w9", 3)
    ]


@pytest.fixture
def estate(database, tmp_path):
    """Run the command line against the database."""

    def run(*arguments):
        environment = os.environ | {"ESTATE_DATABASE_URL": database, "ESTATE_HOME": str(tmp_path / "home")}
        command = [sys.executable, "-m", "gateway", "registry", *map(str, arguments)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    return run


def test_the_command_line_tells_faults_and_counts(estate, tmp_path):
    faulty, _ = write_folder(tmp_path / "faulty", {"units": FAULTY["units"][:1]})
    refused = estate("import", faulty)
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.splitlines() == [
        'units.csv:2 floor: "x" is not a whole number',
        'units.csv:2 area_m2: "nan" is not a number',
        'units.csv:2 estate_id: "river" is neither in estates nor in the database',
        "estate: 3 faults; nothing was changed",
    ]
    right, _ = write_workbook(tmp_path / "right", RIGHT)
    done = estate("import", right)
    assert (done.returncode, done.stderr) == (0, "right.xlsx/Sheet: is none of the lists, left aside\n")
    assert done.stdout.splitlines()[1] == "units: 2 added, 0 updated, 0 unchanged"
    missing = estate("import", tmp_path / "nothing")
    assert missing.returncode == 1
    assert missing.stderr.endswith("nothing: there is no such folder or workbook\n")


def test_the_command_line_compares_lists_with_the_field(estate, conn, load):
    agreed = estate("check", "--strict")
    assert (agreed.returncode, agreed.stdout, agreed.stderr) == (0, "", "")
    load(RIGHT | {"estates": [*RIGHT["estates"], ["lake", "湖", "UTC"]]})
    store_reading(conn, "w1", datetime.now(UTC))
    store_passage(conn, "d1", datetime.now(UTC), "p9")

    found = estate("check")
    lines = [line.split("\t") for line in found.stdout.splitlines()]
    assert [line[:3] for line in lines] == [
        ["river", "unit without meter", "u2"],
        ["river", "person not listed", "p9"],
    ]
    assert (found.returncode, found.stderr) == (0, "")
    assert estate("check", "--strict").returncode == 1
    assert estate("check", "--strict", "--estate", "lake").returncode == 0
    unknown = estate("check", "--estate", "pond")
    assert (unknown.returncode, unknown.stderr) == (1, "estate: estate pond: no such estate\n")
