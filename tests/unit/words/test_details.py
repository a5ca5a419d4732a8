"""What a program noted beside a reason is told in the reader's language: the decoder's sentences, and intake's."""

from typing import Annotated, Literal

import msgspec
import pytest

from gateway.codecs.frames import of_other_times
from gateway.codecs.message import UndecodableError
from gateway.codecs.people import person_of
from gateway.events import DeviceKind, Reading
from gateway.ingest.intake import _check_kind, _fault_of_time
from gateway.store.registry import DeviceEntry
from gateway.words.details import detail_text


class Said(msgspec.Struct):
    kind: Literal["passage"]
    similarity: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    parts: list[int] = []


def complaint(payload: bytes) -> str:
    """What the decoder says of a message, in its own words."""
    with pytest.raises(msgspec.DecodeError) as error:
        msgspec.json.decode(payload, type=Said)
    return str(error.value)


@pytest.mark.parametrize(
    ("payload", "chinese"),
    [
        (b"{broken", "第 1 字节处格式有误"),
        (b"", "内容为空，或中途截断"),
        (b"{}", "消息整体：缺少字段 kind"),
        (b'{"kind": "dance"}', "kind：'dance' 不是允许的取值"),
        (b'{"kind": "passage", "parts": [1, "x"]}', "parts[1]：应为 int，收到的是 str"),
        (b"[]", "消息整体：应为 object，收到的是 array"),
    ],
)
def test_what_the_decoder_says_is_told_in_chinese(payload, chinese):
    assert detail_text("zh-CN", complaint(payload)) == chinese


def test_kinds_of_devices_and_lines_of_a_file_have_their_words():
    detail = "line 7: a reading of water, the lists say electricity"
    assert detail_text("zh-CN", detail) == "第 7 行：发来的是水表读数，名录中为电表"
    assert detail_text("en", detail) == "line 7: the reading is of: water meter; in the lists: electricity meter"


def test_what_is_not_known_stands_as_it_is():
    assert detail_text("zh-CN", "x1") == "x1"
    assert detail_text("zh-CN", "line up: no") == "line up: no"


def from_the_clock(ts_us: int) -> str:
    """What intake says of a reading of this time, where a day may lie from 0 to 0."""
    fault = _fault_of_time(Reading("m1", DeviceKind.WATER, ts_us, 1.0), 0, 0)
    assert fault is not None
    return fault.detail


def test_what_the_clock_says_is_told_in_chinese():
    assert detail_text("zh-CN", from_the_clock(100_000_000)) == "比网关时钟超前 700 秒，最多允许 600 秒"
    assert detail_text("zh-CN", from_the_clock(-86_400_000_000)) == "401 天前的数据，最多允许 400 天"


def test_what_the_lists_say_otherwise_is_told_in_chinese():
    entry = DeviceEntry(1, "m1", "e1", DeviceKind.DOOR, None, "native", None, "Asia/Shanghai")
    with pytest.raises(UndecodableError) as fault:
        _check_kind(Reading("m1", DeviceKind.WATER, 0, 1.0), entry)
    assert detail_text("zh-CN", fault.value.detail) == "发来的是水表读数，名录中为门禁"


def test_what_codecs_say_of_ids_and_times_is_told_in_chinese():
    with pytest.raises(UndecodableError) as fault:
        person_of(("customId", "11010519491231002X"))
    assert detail_text("zh-CN", fault.value.detail).startswith("customId 是身份证号，不予保存")
    assert detail_text("zh-CN", of_other_times("202600123457").detail).startswith("202600123457：同一消息内表底数变小")
