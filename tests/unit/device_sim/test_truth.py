from device_sim.records import TruthRow
from device_sim.truth import write_truth


def test_what_goes_on_has_no_end_and_what_began_first_stands_first(tmp_path):
    write_truth(
        tmp_path / "truth",
        [TruthRow("u1", "sublet", "whole", 20_778, None, "careful"), TruthRow("u2", "honest", "x", 0, 1)],
    )
    assert (tmp_path / "truth/truth.csv").read_text("utf-8").splitlines() == [
        "unit_id,kind,subtype,start,end,disguise",
        "u2,honest,x,1970-01-01,1970-01-02,",
        "u1,sublet,whole,2026-11-21,,careful",
    ]
