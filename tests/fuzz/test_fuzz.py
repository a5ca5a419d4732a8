"""Damaged messages in every dialect, a few of them; `make fuzz` tries a million each."""

import importlib.util
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz import edits, oracle
from fuzz.judge import Tally, WrongError, judge, no_hang
from fuzz.run import fuzz, proven
from fuzz.spoken import NOW_US, names, spoken
from gateway.codecs.message import Decoded, Message
from gateway.events import DeviceKind, Reading

EDITS = st.lists(
    st.builds(edits.Edit, st.sampled_from(edits.ALL_OPS), st.floats(0, 1), st.integers(0, 2**32 - 1)), max_size=5
)


@pytest.mark.parametrize("name", names())
def test_every_dialect_takes_what_its_devices_say(name):
    """Else the damaged messages below would not reach far."""
    tally = Tally()
    for way in spoken(name):
        for message in way.messages:
            judge(way.route, way.site, message, tally)
    assert tally.taken > 0


@pytest.mark.parametrize("name", names())
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_nothing_but_a_reason_leaves_a_codec(name, data):
    way = data.draw(st.sampled_from(spoken(name)))
    message = data.draw(st.sampled_from(way.messages))
    payload = edits.apply(message.payload, data.draw(EDITS), [other.payload for other in way.messages])
    damaged = Message(message.topic, payload, NOW_US, data.draw(st.booleans()))
    with no_hang():
        decoded = judge(way.route, way.site, damaged, Tally())
    if decoded and name in oracle.SHAPES:
        proven(name, damaged, decoded)


@pytest.mark.parametrize("name", names())
def test_many_damaged_messages(name):
    tally = fuzz(name, 4_000)
    assert sum(tally.refused.values()) > 400
    assert tally.taken > 0


@pytest.mark.parametrize("name", sorted(oracle.SHAPES))
def test_a_search_for_messages_that_reach_new_lines(name, tmp_path):
    if importlib.util.find_spec("atheris") is None:
        assert (sys.version_info >= (3, 14)) or sys.platform != "linux", "atheris is in the lock, so it must be there"
        return  # it has no wheel for this Python or system: the tests above are all there is
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for number, message in enumerate(spoken(name)[0].messages):
        (seeds / str(number)).write_bytes(message.payload)
    script = Path(__file__).with_name("coverage_guided.py")
    command = [sys.executable, script, name, "-runs=8000", "-seed=1", "-timeout=20", f"-artifact_prefix={tmp_path}/"]
    result = subprocess.run([*command, str(seeds)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-3000:]
    assert "Done 8000 runs" in result.stderr


def test_the_judge_sees_what_is_wrong():
    way = spoken("dlt645")[0]
    good = next(message for message in way.messages if judge(way.route, way.site, message, Tally()).events)
    decoded = judge(way.route, way.site, good, Tally())
    proven("dlt645", good, decoded)
    (event,) = decoded.events
    wrong = Decoded((Reading(event.device_id, DeviceKind.ELECTRICITY, event.ts_us, event.register + 1),))
    with pytest.raises(WrongError, match="no checksum proves"):
        proven("dlt645", good, wrong)
    for broken in (lambda *_: 1 / 0, lambda *_: Decoded((Reading("m", DeviceKind.WATER, 0, float("nan")),))):
        with pytest.raises(WrongError):
            judge(way.route._replace(codec=broken), way.site, good, Tally())


def test_edits_change_messages_and_can_be_repeated():
    chance = random.Random(1)
    payload = b'{"ts": 1795306500, "register": 88.1, "nested": {"a": [1, 2]}}'
    rows = [edits.some(chance) for _ in range(200)]
    changed = [edits.apply(payload, row, [payload]) for row in rows]
    assert changed == [edits.apply(payload, row, [payload]) for row in rows]
    assert sum(one != payload for one in changed) > 150
    assert {edit.op for row in rows for edit in row} == set(edits.OPS)
