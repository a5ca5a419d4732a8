"""Past data from files: the same rows, counts and quarantine on both stores, exactly once, also after a cut."""

import threading
import time
from datetime import UTC, datetime

import psycopg
import pytest
from servers.gateway import lists

from gateway.errors import InputFileError
from gateway.ingest import history, history_file
from gateway.ingest.history import Imported, Phase, files_of, import_history
from gateway.ingest.quarantine import replay
from gateway.store import history as store
from gateway.store.database import connect

STEP_S = 900
START_S = int(time.time()) // 86_400 * 86_400 - 10 * 86_400


def at(n):
    return datetime.fromtimestamp(START_S + n * STEP_S, UTC).isoformat()


def line(meter, n, register=None, unit="m3"):
    return f"w{meter},{at(n)},{n if register is None else register},{unit}\n"


def event(event_id, n, kind="passage"):
    return f"d1,{at(n)},{event_id},{kind},face,in,p1,,,0.9\n"


EVENTS = "device_id,ts,event_id,kind,method,direction,person_id,stranger_id,unit_id,similarity\n"
READINGS = "device_id,ts,register,unit\n"


@pytest.fixture
def conn(both_stores):
    with connect(both_stores) as conn:
        conn.execute(lists(4))
        yield conn


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Writes the files; small enough blocks that there are several."""
    monkeypatch.setattr(history_file, "_BYTES_IN_PIECE", 1000)
    monkeypatch.setattr(history_file, "_ROWS_IN_BLOCK", {"readings.csv": 100, "events.csv": 20})

    def write(readings=(), events=()):
        for name, header, lines in (("readings.csv", READINGS, readings), ("events.csv", EVENTS, events)):
            if lines:
                (tmp_path / name).write_text(header + "".join(lines))
        return files_of(tmp_path)

    return write


def all_of(conn, files):
    return import_history(conn, files, lambda _step: None)


def readings(conn):
    query = "SELECT device_id, extract(epoch FROM ts)::int, register FROM readings JOIN devices USING (device_no)"
    return sorted(conn.execute(query).fetchall())


def counters(conn):
    return dict(conn.execute("SELECT name, value FROM ingest_counters").fetchall())


def days(conn):
    return conn.execute("SELECT device_no, day, use, coverage FROM meter_days ORDER BY 1, 2").fetchall()


def test_rows_counts_quarantine_and_figures(conn, folder):
    good = [line(meter, n) for n in range(200) for meter in range(3)]
    faulty = [line(0, 500, "x"), line(0, 501, unit="kWh"), "nobody,1,1,m3\n", "w1\n", line(0, 502, -1)]
    files = folder(
        [*good[:300], *faulty, *good[:20], *good[300:], line(1, 0, 77), *faulty],
        [*(event(f"e{n}", n) for n in range(30)), event("e3", 40), event("e99", 1, kind="dance")],
    )
    done = all_of(conn, files)
    assert done == Imported(stored=630, duplicate=22, quarantined=11)
    expected = sorted((f"w{meter}", START_S + n * STEP_S, float(n)) for n in range(200) for meter in range(3))
    assert readings(conn) == expected
    assert counters(conn) == {
        "messages_received": 663, "readings_stored": 600, "readings_duplicate": 21, "events_stored": 30,
        "events_duplicate": 1, "quarantined.wrong_shape": 5, "quarantined.wrong_kind": 2,
        "quarantined.unknown_device": 2, "quarantined.impossible_value": 2,
    }  # fmt: skip
    held = conn.execute("SELECT reason, times, detail, source FROM quarantine ORDER BY reason, detail").fetchall()
    assert [(reason, times, source) for reason, times, _, source in held] == [
        ("impossible_value", 2, "history"), ("unknown_device", 2, "history"), ("wrong_kind", 2, "history"),
        ("wrong_shape", 1, "history"), ("wrong_shape", 2, "history"), ("wrong_shape", 2, "history"),
    ]  # fmt: skip
    assert held[3][2].startswith("line 33: ")
    assert conn.execute("SELECT sum(readings)::int FROM readings_hourly").fetchone() == (600,)
    assert len(days(conn)) >= 6
    assert conn.execute("SELECT count(*) FROM history_files").fetchone() == (0,)
    assert conn.execute("SELECT count(*) FROM stale_hours").fetchone() == (0,)


def test_the_same_file_again_is_all_repeats(conn, folder):
    files = folder([line(meter, n) for n in range(150) for meter in range(2)], [event("e1", 1)])
    first, figures = all_of(conn, files), days(conn)
    again = all_of(conn, files)
    assert first == Imported(stored=301)
    assert again == Imported(duplicate=301)
    assert days(conn) == figures


def test_the_first_value_stands_within_and_between_blocks_and_files(conn, folder):
    all_of(conn, folder([line(0, 5, 1), line(0, 5, 2), *(line(1, n) for n in range(300)), line(0, 5, 3)]))
    done = all_of(conn, folder([line(0, 5, 4), line(0, 6, 4)]))
    assert done == Imported(stored=1, duplicate=1)
    assert [row for row in readings(conn) if row[0] == "w0"] == [
        ("w0", START_S + 5 * STEP_S, 1.0),
        ("w0", START_S + 6 * STEP_S, 4.0),
    ]


def test_a_quarantined_row_is_replayed_when_the_lists_are_mended(conn, folder):
    all_of(conn, folder([line("new", 5)]))
    ((quarantine_id,),) = conn.execute("SELECT quarantine_id FROM quarantine").fetchall()
    conn.execute("INSERT INTO devices (device_id, estate_id, kind, unit_id) VALUES ('wnew', 'e1', 'water', 'u2')")
    assert replay(conn, quarantine_id).written.readings_stored == 1


def test_a_device_that_is_listed_while_the_import_runs_is_known_from_then_on(conn, folder):
    files = folder([line("new", n) for n in range(250)])

    def list_it(_step):
        conn.execute(
            "INSERT INTO devices (device_id, estate_id, kind, unit_id) VALUES ('wnew', 'e1', 'water', 'u2')"
            " ON CONFLICT DO NOTHING"
        )
        conn.execute("INSERT INTO registry_imports (source, counts) VALUES ('later', '{}')")

    done = import_history(conn, files, list_it)
    assert done.stored + done.quarantined == 250
    assert done.stored >= 100


class CutOffError(Exception):
    """The import ends here."""


def cut_after(steps):
    """Progress that ends the import after so many steps."""
    left = iter(range(steps))

    def told(_step):
        if next(left, None) is None:
            raise CutOffError

    return told


@pytest.mark.parametrize("steps", [0, 1, 4, 5])
def test_an_import_that_was_cut_off_goes_on_and_tells_the_whole(conn, folder, steps):
    files = folder(
        [*(line(meter, n) for n in range(200) for meter in range(2)), line(0, 1), line(0, 9, "x")],
        [event(f"e{n}", n) for n in range(30)],
    )
    with pytest.raises(CutOffError):
        import_history(conn, files, cut_after(steps))
    told = []
    done = import_history(conn, files, told.append)
    assert done == Imported(stored=430, duplicate=1, quarantined=1)
    assert sum(step.size for step in told) == sum(file.stat().st_size for file in files)
    assert sum(step.rows for step in told) == 432
    assert told[0].phase is Phase.GOING_ON
    assert counters(conn)["messages_received"] == 432
    assert counters(conn).get("readings_duplicate") == 1
    assert conn.execute("SELECT sum(readings)::int FROM readings_hourly").fetchone() == (400,)
    assert conn.execute("SELECT count(*) FROM history_files").fetchone() == (0,)


def test_another_file_that_begins_alike_is_read_from_its_beginning(conn, folder, monkeypatch):
    monkeypatch.setattr(history_file, "_HEAD_BYTES", 1000)
    lines = [line(0, n) for n in range(400)]
    with pytest.raises(CutOffError):
        import_history(conn, folder(lines), cut_after(2))
    lines[150] = line(0, 150.5, 7)
    done = all_of(conn, folder(lines))
    assert done.stored + done.duplicate == 400
    assert len(readings(conn)) == 401


def test_a_fault_in_the_file_is_told_and_what_came_before_it_is_kept(conn, folder):
    files = folder([*(line(0, n) for n in range(250)), 'w0,"' + "x" * 140_000])
    with pytest.raises(InputFileError, match="line 252 cannot be read"):
        all_of(conn, files)
    assert 100 <= len(readings(conn)) < 250


def test_rows_that_lie_thinly_among_others_are_stored_all_the_same(database, folder):
    with connect(database) as conn:
        conn.execute(lists(4))
        all_of(conn, folder([line(0, n) for n in range(900)]))
        done = all_of(conn, folder([line(0, 0), line(0, 1.5), line(0, 899)]))
        assert done == Imported(stored=1, duplicate=2)
        assert len(readings(conn)) == 901


def test_a_row_that_another_writer_stores_meanwhile_is_a_repeat(database, folder, monkeypatch):
    look = store.fresh_among

    def look_and_let_others_write(conn, rows):
        fresh = look(conn, rows)
        with psycopg.connect(database) as other:
            other.execute(
                "INSERT INTO readings SELECT device_no, to_timestamp(%s), 7, 0 FROM devices WHERE device_id = 'w0'"
                " ON CONFLICT DO NOTHING",
                (START_S + 3 * STEP_S,),
            )
        return fresh

    monkeypatch.setattr(store, "fresh_among", look_and_let_others_write)
    with connect(database) as conn:
        conn.execute(lists(4))
        assert all_of(conn, folder([line(0, n) for n in range(50)])) == Imported(stored=49, duplicate=1)
        assert readings(conn)[3] == ("w0", START_S + 3 * STEP_S, 7.0)


def test_a_partition_that_retention_dropped_is_made_again(database, folder):
    def drop(_step):
        if conn.execute("SELECT count(*) FROM history_files").fetchone() == (1,):
            conn.execute("SELECT drop_partitions_before('readings', 'infinity')")

    with connect(database) as conn:
        conn.execute(lists(4))
        done = import_history(conn, folder([line(0, n) for n in range(150)]), drop)
    assert done == Imported(stored=150)


def test_a_second_import_waits_for_the_first(database, folder):
    files = folder([line(0, n) for n in range(300)])
    second = []

    def run():
        with connect(database) as other:
            second.append(all_of(other, files))

    with connect(database) as conn:
        conn.execute(lists(4))
        thread = threading.Thread(target=run)

        def start_another(_step):
            if not thread.ident:
                thread.start()

        first = import_history(conn, files, start_another)
        thread.join(30)
    assert (first, second) == (Imported(stored=300), [Imported(duplicate=300)])


def test_the_module_reads_ahead_by_one_block_only():
    read = []

    def blocks():
        for n in range(1, 6):
            read.append(n)
            yield n

    for n in history._ahead(blocks()):
        assert len(read) <= n + 1
    assert read == [1, 2, 3, 4, 5]
