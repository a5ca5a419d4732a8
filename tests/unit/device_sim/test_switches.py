import pytest

from device_sim.errors import BadParameterError, WorldFileError
from device_sim.switches import (
    Board,
    Levers,
    Move,
    Switches,
    from_table,
    levers_file,
    read_levers,
    with_settings,
    write_levers,
)


def test_levers_come_back_as_they_were(tmp_path):
    levers = Levers(Switches(cut=0.5), (Move("u1", "out", 7),))
    write_levers(tmp_path, levers)
    assert read_levers(tmp_path) == levers


def test_without_a_file_nothing_is_pulled(tmp_path):
    assert read_levers(tmp_path) == Levers()


def test_a_spoilt_file_is_named(tmp_path):
    write_levers(tmp_path, Levers())
    levers_file(tmp_path).write_text("{", "utf-8")
    with pytest.raises(WorldFileError, match=r"switches\.json"):
        read_levers(tmp_path)


def test_a_board_reads_again_only_what_changed(tmp_path):
    board = Board(tmp_path)
    assert not board.look()
    write_levers(tmp_path, Levers(Switches(flood=3)))
    assert board.look()
    assert board.now.switches.flood == 3
    assert not board.look()


def test_settings_change_one_switch_and_off_all():
    switches = with_settings(Switches(cut=1), ["duplicates=0.1"])
    assert switches == Switches(cut=1, duplicates=0.1)
    assert with_settings(switches, ["off"]) == Switches()
    assert from_table({"flood": 5}) == Switches(flood=5)


@pytest.mark.parametrize("setting", ["duplicates", "duplicates=many", "duplicates=2", "rain=1", "flood=-1"])
def test_impossible_settings_are_refused(setting):
    with pytest.raises(BadParameterError):
        with_settings(Switches(), [setting])
