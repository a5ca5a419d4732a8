import base64

import pytest

from gateway.accounts.broker import (
    Right,
    check_topic,
    merge_passwords,
    merge_rights,
    native_rights,
    new_password,
    password_hash,
)
from gateway.errors import RefusedError


def test_a_hash_is_spelled_as_mosquitto_does():
    line = password_hash("secret", base64.b64decode("AAECAwQFBgcICQoL"))
    assert line.startswith("$7$101$AAECAwQFBgcICQoL$")
    assert len(base64.b64decode(line.split("$")[4])) == 64
    assert password_hash("secret") != password_hash("secret")
    assert len(new_password()) == 24


def test_a_device_writes_its_own_topics():
    assert native_rights("e1", "water", "w1") == (
        Right("write", "estate/v1/e1/meter/w1/reading"),
        Right("write", "estate/v1/e1/meter/w1/status"),
    )
    assert native_rights("e1", "door", "d1")[0] == Right("write", "estate/v1/e1/door/d1/event")


def test_other_accounts_in_the_password_file_stay():
    before = "gateway:$7$x\nw1:$7$old\nw2:$7$old\n"
    after = merge_passwords(before, {"w1": "$7$new", "w3": "$7$new"}, ended={"w2"})
    assert after == "gateway:$7$x\nw1:$7$new\nw3:$7$new\n"
    assert merge_passwords(after, {"w1": "$7$new", "w3": "$7$new"}, ended={"w2"}) == after
    assert merge_passwords("", {}, ()) == ""


def test_our_rights_stand_at_the_end_and_replace_our_older_ones():
    ours = {"w1": [Right("write", "a/b")], "d1": [Right("read", "c"), Right("write", "d/#")]}
    first = merge_rights("user gateway\ntopic readwrite #\n", {"w9": [Right("write", "x")]})
    second = merge_rights(first + "user late\ntopic read y\n", ours)
    lines = second.splitlines()
    assert lines[:4] == ["user gateway", "topic readwrite #", "user late", "topic read y"]
    assert lines[5:-1] == ["user d1", "topic read c", "topic write d/#", "user w1", "topic write a/b"]
    assert "w9" not in second
    assert merge_rights(second, ours) == second


@pytest.mark.parametrize("topic", ["", "a b", "a\nuser admin", "x" * 501, "a\x00"])
def test_a_topic_cannot_smuggle_a_line_in(topic):
    with pytest.raises(RefusedError):
        check_topic(topic)
    assert check_topic("mqtt/face/+/#") == "mqtt/face/+/#"
