"""Devices that the field does not show as the lists have them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from gateway.codecs.message import Reason
from gateway.registry.agreement.books import Books, Disagreement, Matter, counted, grouped
from gateway.registry.facts import Refused

SILENT_AFTER = timedelta(days=7)
# A topic of the native dialect names the estate on its third level and the device on its fifth.
_NATIVE_LEVELS = 6


def silent_devices(books: Books) -> Iterator[Disagreement]:
    """Listed, and not heard for 7 days; where an estate is not in operation yet, one line for all of it."""
    for estate_id, devices in grouped(books.lists.devices, lambda device: device.estate_id).items():
        heard = [(device, books.facts.last_heard.get(device.device_id)) for device in devices]
        if not any(last for _, last in heard):
            text = f"none of the estate's {len(devices)} devices has sent anything yet"
            yield Disagreement(Matter.DEVICE_SILENT, estate_id, estate_id, text)
            continue
        for device, last in heard:
            if last is None:
                yield Disagreement(Matter.DEVICE_SILENT, estate_id, device.device_id, "has never sent anything")
            elif books.facts.now - last >= SILENT_AFTER:
                text = f"has sent nothing since {books.day(estate_id, last)}"
                yield Disagreement(Matter.DEVICE_SILENT, estate_id, device.device_id, text)


def refused_devices(books: Books) -> Iterator[Disagreement]:
    """They send, and no list has them, or has them in another estate or as another kind."""
    listed = {device.device_id for device in books.lists.devices}
    messages: Counter[tuple[str, str, str]] = Counter()
    for refused in books.facts.refused:
        estate_id, subject = _who_sent(refused)
        messages[estate_id, subject, _why_refused(refused, listed)] += refused.messages
    for (estate_id, subject, why), count in messages.items():
        text = f"{why}; {counted(count, 'message')} held in quarantine"
        yield Disagreement(Matter.DEVICE_NOT_LISTED, estate_id, subject, text)


def _who_sent(refused: Refused) -> tuple[str, str]:
    levels = refused.topic.split("/")
    native = len(levels) == _NATIVE_LEVELS and levels[0] == "estate"
    estate_id, subject = (levels[2], levels[4]) if native else ("", refused.topic)
    return estate_id, refused.detail if refused.reason is Reason.UNKNOWN_DEVICE else subject


def _why_refused(refused: Refused, listed: set[str]) -> str:
    if refused.reason is not Reason.UNKNOWN_DEVICE:
        return refused.detail
    return "listed by now, to be replayed" if refused.detail in listed else "no list has this device"
