"""A history file is read by the block; what comes out is what reading it row by row would give."""

import csv
import io
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.codecs import history
from gateway.codecs.message import Reason, UndecodableError
from gateway.errors import InputFileError
from gateway.events import DeviceKind
from gateway.ingest import history_file
from gateway.ingest.history_file import opened
from gateway.ingest.intake import AHEAD_US, BACKFILL_US, Directory, bind
from gateway.store.history import Progress
from gateway.store.registry import DeviceEntry

NOW_US = 1_795_306_500_000_000
HEADER = "device_id,ts,register,unit\n"


def entry(number, device_id, kind):
    return DeviceEntry(number, device_id, "e1", kind, "u1", "native", None, "Asia/Shanghai")


DIRECTORY = Directory({
    "w1": entry(7, "w1", DeviceKind.WATER),
    "w2": entry(3, "w2", DeviceKind.WATER),
    "m1": entry(2, "m1", DeviceKind.ELECTRICITY),
    "d1": entry(9, "d1", DeviceKind.DOOR),
})  # fmt: skip


def at(us):
    return datetime.fromtimestamp(us / 1e6, UTC).isoformat()


@pytest.fixture(autouse=True, scope="module")
def clock():
    """The clock of imports stands still, so that what is ahead of it stays ahead."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history_file, "time", SimpleNamespace(time_ns=lambda: NOW_US * 1000))
        yield


def line(device_id="w1", us=NOW_US, register="1.5", unit="m3"):
    return f"{device_id},{at(us)},{register},{unit}\n"


@pytest.fixture
def readings(tmp_path):
    def write(text):
        path = tmp_path / "readings.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def blocks(path, directory=DIRECTORY):
    with opened(path) as file:
        return [block.collected for block in file.blocks(lambda: directory)]


def rows(path):
    """Device number, time and register of each reading, in the order in which they are stored."""
    return [row for block in blocks(path) for row in zip(*(part.tolist() for part in block.rows[:3]), strict=True)]


def held(path):
    return [(one.reason, one.detail) for block in blocks(path) for one in block.batch.held]


def row_by_row(text):
    """What the rows of a file come to when each goes the way of a message: readings, repeats, and how many are not."""
    stored, repeats, others = {}, 0, 0
    lines = csv.reader(io.StringIO(text, newline=""))
    header = next(lines)
    for row in filter(None, lines):
        try:
            decoded = history.decode_row("readings.csv", dict(zip(header, row, strict=False)))
            ((device, event),) = bind(decoded, DIRECTORY, arrived_us=NOW_US)
        except UndecodableError:
            others += 1
            continue
        key = (device.device_no, event.ts_us)
        repeats += key in stored
        stored.setdefault(key, event.register)
    return sorted((*key, register) for key, register in stored.items()), repeats, others


def in_blocks(path):
    parts = blocks(path)
    others = sum(len(part.batch.held) + len(part.batch.unknown) for part in parts)
    return rows(path), sum(part.repeats for part in parts), others


ODD = ['"', '""', "a\nb", "a\rb", "a\r\nb", " ", "x,y", ""]
CELLS = st.one_of(
    st.sampled_from(["w1", "w2", "m1", "d1", "1.5", "m3", "L", "kWh", *ODD]),
    st.integers(-3, 3).map(lambda n: at(NOW_US + n * 900_000_000)),
    st.sampled_from([NOW_US // 1_000_000, NOW_US // 1000]).map(str),
)
LIKELY = st.tuples(
    st.sampled_from(["w1", "w2", "m1", "no"]),
    st.integers(0, 2).map(lambda n: at(NOW_US - n * 1000)),
    st.sampled_from(["1", "2.5", " 3", "x"]),
    st.sampled_from(["m3", "L", "kWh"]),
)
LINES = st.one_of(LIKELY, st.lists(CELLS, max_size=6).map(tuple))


@settings(max_examples=200)
@given(st.lists(LINES, max_size=12), st.sampled_from(["\n", "\r\n"]), st.sampled_from([1, 40, 4096]))
def test_any_file_gives_the_rows_that_reading_it_row_by_row_gives(tmp_path_factory, lines, line_end, piece):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end).writerows([("device_id", "ts", "register", "unit"), *lines])
    path = tmp_path_factory.mktemp("any") / "readings.csv"
    path.write_bytes(text.getvalue().encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history_file, "_BYTES_IN_PIECE", piece)
        assert in_blocks(path) == row_by_row(text.getvalue())


@settings(max_examples=200)
@given(st.text(st.sampled_from('w1m3,,,\n\r"2 ')), st.sampled_from([1, 4096]))
def test_any_text_gives_the_rows_that_reading_it_row_by_row_gives(tmp_path_factory, text, piece):
    text = HEADER + line() + text + "\n" + line("w2")
    path = tmp_path_factory.mktemp("any") / "readings.csv"
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history_file, "_BYTES_IN_PIECE", piece)
        assert in_blocks(path) == row_by_row(text)


def test_the_first_value_of_a_key_stands_however_it_is_written(readings):
    spelled = f"w1,{at(NOW_US)}, 1.0,m3\n"
    assert rows(readings(HEADER + spelled + line(register="2"))) == [(7, NOW_US, 1.0)]
    assert rows(readings(HEADER + line(register="2") + spelled)) == [(7, NOW_US, 2.0)]


def test_rows_ascend_by_device_and_time(readings):
    text = HEADER + line("w1", NOW_US) + line("w2", NOW_US) + line("w1", NOW_US - 1) + line("m1", unit="Wh")
    assert rows(readings(text)) == [(2, NOW_US, 0.0015), (3, NOW_US, 1.5), (7, NOW_US - 1, 1.5), (7, NOW_US, 1.5)]


def test_the_columns_may_stand_in_any_order_and_others_beside_them(readings):
    text = f"seq,unit,battery,ts,register,device_id\nx,m3,full,{at(NOW_US)},1.5,w1\n"
    assert rows(readings(text)) == [(7, NOW_US, 1.5)]


def test_a_byte_order_mark_and_missing_last_line_end(readings):
    assert rows(readings(b"\xef\xbb\xbf" + (HEADER + line()).encode().rstrip())) == [(7, NOW_US, 1.5)]


def test_a_line_that_is_no_utf8_costs_only_itself(readings):
    path = readings(HEADER.encode() + b"\xd0\xa1,1,1,m3\n" + b"w\xff," + line()[3:].encode() + line().encode())
    assert rows(path) == [(7, NOW_US, 1.5)]
    assert [len(block.batch.unknown) + len(block.batch.held) for block in blocks(path)] == [2]


def test_what_is_held_says_where_it_stood(readings):
    text = HEADER + line() + f'w1,"{at(NOW_US)}","1\n5",m3\n\n' + "w1,soon,1,m3\n" + line() + line(register="-1")
    assert [(reason, detail.partition(":")[0]) for reason, detail in held(readings(text))] == [
        (Reason.WRONG_SHAPE, "line 3"), (Reason.WRONG_SHAPE, "line 6"), (Reason.IMPOSSIBLE_VALUE, "line 8"),
    ]  # fmt: skip


def test_what_the_lists_say_otherwise_is_worded_alike_on_every_line(readings):
    text = HEADER + line(unit="kWh") + line(unit="kWh", us=NOW_US - 1)
    assert len(set(held(readings(text)))) == 1


@pytest.mark.parametrize(
    ("us", "reason"),
    [(NOW_US + 2 * AHEAD_US, Reason.TIME_AHEAD), (NOW_US - BACKFILL_US - 60_000_000, Reason.TIME_TOO_OLD)],
)
def test_a_time_outside_the_window_is_held(readings, us, reason):
    path = readings(HEADER + line(us=us))
    assert rows(path) == []
    assert [one for one, _ in held(path)] == [reason]


def test_an_unknown_device_waits_for_a_second_look(readings):
    (block,) = blocks(readings(HEADER + line("new")))
    assert [message.topic for message in block.batch.unknown] == ["history/readings.csv"]


def test_an_open_quote_that_swallows_the_file_is_told_with_its_line(readings):
    path = readings(HEADER + line() + 'w1,"' + line() * 5000)
    with pytest.raises(InputFileError, match=r"line \d+ cannot be read"):
        blocks(path)


def test_reading_goes_on_at_the_end_of_any_block(readings, monkeypatch):
    monkeypatch.setattr(history_file, "_BYTES_IN_PIECE", 100)
    monkeypatch.setitem(history_file._ROWS_IN_BLOCK, "readings.csv", 3)
    lines = [line(us=NOW_US - n * 1000) if n % 3 else f'w2,{at(NOW_US - n)},"1",m3,"a\nb"\n' for n in range(40)]
    path = readings(HEADER.replace("\n", ",note\n") + "".join(lines).replace(",m3\n", ",m3,\n") + "w1,soon,1,m3,\n")
    with opened(path) as file:
        all_blocks = list(file.blocks(lambda: DIRECTORY))
    assert len(all_blocks) > 5
    for n, block in enumerate(all_blocks):
        with opened(path) as file:
            assert file.go_on(Progress(block.read_bytes, block.read_lines, block.digest, 0, 0, 0))
            rest = list(file.blocks(lambda: DIRECTORY))
        assert sum(len(one.collected.rows.ts_us) for one in rest) == sum(
            len(one.collected.rows.ts_us) for one in all_blocks[n + 1 :]
        )
        if n + 1 < len(all_blocks):
            assert rest[-1].collected.batch.held[0].detail.startswith(f"line {2 + 40 + 14}:")


def test_a_file_that_was_changed_before_the_place_begins_anew(readings):
    path = readings(HEADER + line() * 3)
    with opened(path) as file:
        (block,) = file.blocks(lambda: DIRECTORY)
    progress = Progress(block.read_bytes, block.read_lines, block.digest, 3, 0, 0)
    with opened(path) as file:
        assert file.go_on(progress)
        assert list(file.blocks(lambda: DIRECTORY)) == []
    path.write_text(HEADER + line() + line(register="9.5") + line())
    with opened(path) as file:
        assert not file.go_on(progress)
        assert sum(one.collected.batch.messages for one in file.blocks(lambda: DIRECTORY)) == 3
    path.write_text(HEADER + line())
    with opened(path) as file:
        assert not file.go_on(progress)
