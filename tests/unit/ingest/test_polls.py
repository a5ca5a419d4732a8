"""What the configuration may say of polling, and what it says wrongly."""

import pytest

from gateway.errors import ConfigError
from gateway.ingest.polls import Place, PollError, polls_of
from gateway.settings import read

GOOD = {"dialect": "dlt645", "down": "dtu/{building}-{entrance}/down"}
HOME = Place("e1", "3", "2", "202600123457")
FRAME = bytes.fromhex("FEFE6816")


def poll(**changes):
    return polls_of([GOOD | changes])[0]


def test_a_down_topic_names_places():
    assert poll().topic(HOME) == "dtu/3-2/down"
    assert poll(down="{estate_id}/{device_id}").topic(HOME) == "e1/202600123457"


def test_a_building_that_cannot_stand_in_a_topic():
    with pytest.raises(ValueError, match="cannot be published to"):
        poll().topic(HOME._replace(building="3#"))


@pytest.mark.parametrize(
    ("encoding", "message"),
    [
        ("raw", FRAME),
        ("hex", b"FEFE6816"),
        ('{"type": 1, "data": "{hex}"}', b'{"type": 1, "data": "FEFE6816"}'),
    ],
)
def test_how_a_frame_is_wrapped(encoding, message):
    assert poll(encoding=encoding).wrapped(FRAME) == message


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"dialect": "native"}, "'native' is not one that can be asked: cjt188, dlt645"),
        ({"down": "dtu/{floor}/down"}, "{floor} is not one of {estate_id}, {building}, {entrance}, {device_id}"),
        ({"down": "dtu/{0}/down"}, "{0} is not one of"),
        ({"down": "dtu/{building/down"}, "down 'dtu/{building/down'"),
        ({"down": "dtu/{building:>9}/down"}, "only names may stand in braces"),
        ({"down": "dtu/+/down"}, "has + or #"),
        ({"down": ""}, "length"),
        ({"every_s": 0}, "every_s"),
        ({"every_s": 5, "timeout_s": 6}, "timeout_s 6 is longer than every_s 5"),
        ({"encoding": "base64"}, "is not raw, hex, or JSON with {hex} in a text"),
        ({"encoding": '{"data": {hex}}'}, "is not raw, hex"),
        ({"encoding": '{"data": "x"}'}, "is not raw, hex"),
        ({"interval": 5}, "interval"),
    ],
)
def test_a_wrong_poll_is_named_with_what_is_wrong(changes, says):
    with pytest.raises(PollError) as caught:
        polls_of([GOOD, GOOD | changes])
    assert "poll 2: " in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize("value", ["{", '[{"dialect": "morse", "down": "x"}]', '{"dialect": "dlt645"}'])
def test_a_wrong_setting_is_one_line(monkeypatch, value):
    monkeypatch.setenv("ESTATE_POLLS", value)
    with pytest.raises(ConfigError, match="ESTATE_POLLS") as caught:
        read({})
    assert "\n" not in str(caught.value)


def test_the_environment_has_json_and_the_file_has_tables(monkeypatch):
    assert read({"polls": [GOOD]}).polls == [GOOD]
    monkeypatch.setenv("ESTATE_POLLS", '[{"dialect": "cjt188", "down": "x"}]')
    assert read({"polls": [GOOD]}).polls == [{"dialect": "cjt188", "down": "x"}]
