from datetime import date

import pytest

from detectors.evaluation.truth import Truth
from gateway.errors import InputFileError
from gateway.evaluation.truth_file import read_truth

HEAD = "unit_id,kind,subtype,start,end\n"


def read(path, text):
    path.write_text(text, "utf-8")
    return read_truth(path)


def test_an_empty_end_is_open(tmp_path):
    rows = "u1,sublet,whole,2026-10-01,\nu2,honest,carer,2026-10-01,2026-10-09\n"
    assert read(tmp_path / "truth.csv", "\ufeff" + HEAD + rows) == [
        Truth(unit_id="u1", kind="sublet", subtype="whole", start=date(2026, 10, 1), end=None),
        Truth(unit_id="u2", kind="honest", subtype="carer", start=date(2026, 10, 1), end=date(2026, 10, 9)),
    ]


def test_what_programs_write_for_nothing_is_nothing(tmp_path):
    (truth,) = read(tmp_path / "truth.csv", HEAD + " u1 ,leak,null, 2026-10-01 ,NaN\n")
    assert truth == Truth(unit_id="u1", kind="leak", start=date(2026, 10, 1))


def test_a_disguise_is_read_where_the_file_tells_it(tmp_path):
    text = "unit_id,kind,subtype,start,end,disguise\nu1,sublet,whole,2026-10-01,,careful\nu2,leak,tap,2026-10-01,,\n"
    assert [truth.disguise for truth in read(tmp_path / "truth.csv", text)] == ["careful", ""]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("unit_id,kind,start,end\n", "the column subtype is missing"),
        ("", "is missing"),
        (HEAD + "u1,sublet,whole,yesterday,\n", "line 2"),
        (HEAD + "u1,sublet\n", "line 2: start is missing"),
        (HEAD + "u1,sublet,whole,2026-10-01,\nnull,sublet,whole,2026-10-01,\n", "line 3: unit_id is missing"),
        (HEAD + "NaN,sublet,whole,2026-10-01,\n", "line 2: unit_id is missing"),
        (HEAD + "b 1,sublet,whole,2026-10-01,\n", "line 2: unit_id: 'b 1' is not an id"),
        (HEAD + "u1,none,,2026-10-01,\n", "line 2: kind is missing"),
        (HEAD + "u1,sublet,whole,2026-10-09,2026-10-01\n", "line 2: end 2026-10-01 lies before start 2026-10-09"),
    ],
)
def test_a_faulty_file_is_named_with_its_line(tmp_path, text, says):
    with pytest.raises(InputFileError, match=says):
        read(tmp_path / "truth.csv", text)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputFileError, match="cannot read"):
        read_truth(tmp_path / "none.csv")
