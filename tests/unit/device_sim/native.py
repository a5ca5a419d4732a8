"""The native dialect, checked as its page says it (contract, section 1), apart from the code under test."""

import json
import re
from datetime import datetime, timedelta

ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
KINDS = {"passage", "denied", "held_open", "forced_open", "tamper"}
METHODS = {"face", "card", "pin", "qr", "id_card", "fingerprint", "remote", "button", "unknown"}
TOPIC = re.compile(
    r"estate/v1/(?P<estate>[^/]+)/(?P<family>meter|door)/(?P<device>[^/]+)/(?P<what>reading|event|status)\Z"
)
MOST_BYTES = 64 * 1024


def check_message(topic: str, payload: bytes) -> list[dict]:
    """The readings, events or status of a message; fails where one is not as the contract says."""
    match = TOPIC.match(topic)
    assert match, topic
    assert ID.match(match["estate"])
    assert ID.match(match["device"])
    assert len(payload) <= MOST_BYTES
    content = json.loads(payload)
    match match["what"]:
        case "reading":
            assert match["family"] == "meter"
            return _readings(content)
        case "event":
            assert match["family"] == "door"
            items = content.get("events", [content])
            return [_event(item) for item in items]
        case _:
            assert isinstance(content["online"], bool)
            check_ts(content["ts"])
            return [content]


def check_ts(text: str) -> datetime:
    assert text.endswith("+08:00")
    moment = datetime.fromisoformat(text)
    assert moment.utcoffset() == timedelta(hours=8)
    return moment


def _readings(content: dict) -> list[dict]:
    items = content.get("readings", [content])
    for item in items:
        unit = item.get("unit", content.get("unit"))
        assert unit in {"m3", "L", "kWh", "Wh"}
        assert item["register"] >= 0
        assert isinstance(item.get("seq", 0), int)
        assert 0 <= item.get("battery", 50) <= 100
        assert -130 <= item.get("rssi", -60) < 0
        check_ts(item["ts"])
    return items


def _event(item: dict) -> dict:
    assert set(item) == {
        "ts", "event_id", "kind", "method", "direction", "person_id", "stranger_id", "unit_id", "similarity",
    }  # fmt: skip
    assert item["kind"] in KINDS
    assert item["method"] in METHODS
    assert item["direction"] in {"in", "out", "unknown"}
    for name in ("event_id", "person_id", "stranger_id", "unit_id"):
        assert item[name] is None or ID.match(item[name])
    assert item["event_id"]
    assert item["similarity"] is None or 0 <= item["similarity"] <= 1
    check_ts(item["ts"])
    return item
