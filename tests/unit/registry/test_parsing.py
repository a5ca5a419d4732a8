import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registry.columns import SPECS
from gateway.registry.parsing import parse_list
from gateway.registry.rows import ListName
from gateway.registry.tables import Line, RawTable, Unfit

HEADER = ("person_id", "household_id", "role", "valid_from", "valid_to", "face_enrolled")


def parse(*rows, header=HEADER, name=ListName.PERSONS):
    lines = (Line(number, tuple(row)) for number, row in enumerate((header, *rows), start=1))
    return parse_list(SPECS[name], RawTable("f.csv", tuple(lines)))


def faults(*rows, **given):
    return [str(fault) for fault in parse(*rows, **given).faults]


def test_columns_may_stand_in_any_order():
    parsed = parse(
        ("1", "p1", "", "", "tenant", "h1"),
        header=HEADER[::-1][:1] + HEADER[:1] + HEADER[3:5] + HEADER[2:3] + HEADER[1:2],
    )
    assert parsed.faults == ()
    assert parsed.rows[0].values["person_id"] == "p1"
    assert parsed.rows[0].values["household_id"] == "h1"


def test_every_faulty_cell_of_a_row_is_told():
    assert faults(("张三", "h 1", "boss", "1.1.26", "2026-02-30", "yes")) == [
        'f.csv:2 person_id: "张三" is not an id (1 to 64 of A-Z a-z 0-9 . _ -)',
        'f.csv:2 household_id: "h 1" is not an id (1 to 64 of A-Z a-z 0-9 . _ -)',
        'f.csv:2 role: "boss" is not one of tenant, member, caregiver, visitor, staff',
        'f.csv:2 valid_from: "1.1.26" is not a date (YYYY-MM-DD)',
        'f.csv:2 valid_to: "2026-02-30" is not a day of the calendar',
        'f.csv:2 face_enrolled: "yes" is not 0 or 1',
    ]


def test_a_row_with_a_fault_does_not_become_one():
    parsed = parse(("p1", "h1", "tenant", "", "", "1"), ("p2", "h1", "tenant", "", "", ""))
    assert [person.person_id for person in parsed.typed()] == ["p1"]
    assert [row.values["person_id"] for row in parsed.rows] == ["p1", "p2"]


def test_missing_columns_are_told_once_and_the_rest_is_looked_at():
    assert faults(("p 1", "1"), header=("person_id", "face_enrolled")) == [
        "f.csv:1 household_id: this column is missing",
        "f.csv:1 role: this column is missing",
        "f.csv:1 valid_from: this column is missing",
        "f.csv:1 valid_to: this column is missing",
        'f.csv:2 person_id: "p 1" is not an id (1 to 64 of A-Z a-z 0-9 . _ -)',
    ]


def test_a_list_without_its_key_column_says_nothing_about_its_keys():
    assert parse(header=HEADER).has_key
    assert not parse(header=HEADER[1:]).has_key


@pytest.mark.parametrize(
    "name", ["name", "Name", "tenant_name", "姓名", "phone", "联系电话", "身份证号", "id_number", "photo"]
)
def test_what_is_personal_is_refused_with_the_reason(name):
    row = ("p1", "h1", "tenant", "", "", "1", "x")
    assert faults(row, header=(*HEADER, name)) == [
        f"f.csv:1 {name}: people are ids here, nothing personal is taken; remove this column"
    ]


def test_an_estate_has_a_name_and_a_unit_none():
    assert (
        faults(("e1", "滨河家园", "Asia/Shanghai"), header=("estate_id", "name", "timezone"), name=ListName.ESTATES)
        == []
    )
    assert "is not a column of this list (" in faults(header=("name",), name=ListName.UNITS)[0]


def test_unknown_columns_are_told_with_the_nearest_known():
    row = ("p1", "h1", "tenant", "", "", "1", "x", "x", "")
    assert faults(row, header=(*HEADER, "Role", "colour", "")) == [
        "f.csv:1 Role: is not a column of this list; did you mean role?",
        "f.csv:1 colour: is not a column of this list (" + ", ".join(HEADER) + ")",
        "f.csv:1: column 9 of the header has no name",
    ]


def test_a_column_twice():
    assert faults(("p1", "h1", "tenant", "", "", "1", "staff"), header=(*HEADER, "role")) == [
        "f.csv:1 role: is in the header twice"
    ]


def test_a_row_of_another_width_is_told_and_its_cells_are_not():
    parsed = parse(("p1", "h1", "boss"), ("p2", "h1", "boss", "", "", "1", "x"))
    assert [str(fault) for fault in parsed.faults] == [
        "f.csv:2: has 3 columns where the header has 6",
        "f.csv:3: has 7 columns where the header has 6",
    ]
    assert [row.values for row in parsed.rows] == [{"person_id": "p1"}, {"person_id": "p2"}]


def test_no_header_row():
    table = RawTable("f.csv", ())
    assert [str(fault) for fault in parse_list(SPECS[ListName.ESTATES], table).faults] == [
        "f.csv:1: has no header row (estate_id, name, timezone)"
    ]


def test_a_key_may_stand_in_the_list_once():
    row = ("h1", "tenant", "", "", "1")
    assert faults(("p1", *row), ("p2", *row), ("p1", *row), ("p1", *row)) == [
        'f.csv:4 person_id: "p1" is already in line 2',
        'f.csv:5 person_id: "p1" is already in line 2',
    ]


def test_a_household_may_be_away_often_but_from_a_day_once():
    header = ("household_id", "start", "end", "reason")
    rows = (("h1", "2026-01-01", "", ""), ("h1", "2026-02-01", "", ""), ("h1", "2026-01-01", "2026-01-05", ""))
    assert faults(*rows, header=header, name=ListName.ABSENCES) == [
        'f.csv:4 household_id: "h1 2026-01-01" is already in line 2'
    ]


@pytest.mark.parametrize(
    ("name", "header", "row", "told"),
    [
        (ListName.PERSONS, HEADER, ("p1", "h1", "tenant", "2026-02-01", "2026-01-31", "1"), "valid_to"),
        (ListName.ABSENCES, ("household_id", "start", "end", "reason"), ("h1", "2026-02-01", "2026-01-31", ""), "end"),
        (
            ListName.HOUSEHOLDS,
            ("household_id", "unit_id", "size", "lease_start", "lease_end", "category", "care"),
            ("h1", "u1", "", "2026-02-01", "2026-01-31", "", ""),
            "lease_end",
        ),
    ],
)
def test_an_end_before_its_start(name, header, row, told):
    (fault,) = faults(row, header=header, name=name)
    assert fault.startswith(f"f.csv:2 {told}: 2026-01-31 is before ")
    one_day = [cell.replace("2026-01-31", "2026-02-01") for cell in row]
    assert faults(one_day, header=header, name=name) == []


@pytest.mark.parametrize(
    ("role", "told"), [("tenant", 1), ("member", 1), ("caregiver", 0), ("visitor", 0), ("staff", 0)]
)
def test_who_lives_here_has_a_household(role, told):
    found = faults(("p1", "", role, "", "", "1"))
    assert found == [f"f.csv:2 household_id: is empty; a {role} belongs to a household"] * told


CELLS = st.text(max_size=12) | st.dates() | st.just(Unfit("broken")) | st.sampled_from(["", "p1", "2026-01-01", "1"])


@given(st.sampled_from(ListName), st.lists(st.lists(CELLS, max_size=9).map(tuple), max_size=6), st.booleans())
def test_no_content_whatever_stops_the_check(name, rows, with_header):
    header = tuple(SPECS[name].columns) if with_header else ("x",)
    parsed = parse(*rows, header=header, name=name)
    whole = len(list(parsed.typed()))
    faulty = {fault.line for fault in parsed.faults}
    assert len(parsed.rows) == len(rows)
    assert whole + len(faulty) >= len(rows) if with_header else faulty
    assert all(fault.file == "f.csv" and fault.problem for fault in parsed.faults)
