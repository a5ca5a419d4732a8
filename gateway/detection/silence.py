"""Devices that have gone silent. What goes silent together is one fact.

A device is silent when it has said nothing for longer than its own patience (see `habits`), and for at least half a
day where it is alone. A whole estate, building or entrance, or all its meters of one kind, that fall silent at about
the same time point to a collector, a network or a power supply, not to homes: that is told at once, and as one fact.

Time in which the gateway itself listened to nobody does not count.

Misses: a device that was never heard (`estate registry check` lists those), a door that nobody uses, and one whose
connection stands while its reader is dead (a week, for a door). A false alarm costs a look at a device.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from gateway.detection.habits import DAY_S, HOUR_S
from gateway.events import DeviceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SilencePolicy:
    """When quiet is silence. No source gives such figures; the reasons stand beside them."""

    alone_least_s: float = 12 * HOUR_S
    """A single device is not told of earlier: radios fade, and people are sent for."""
    together_least_s: float = 2 * HOUR_S
    """Many at once are, as soon as each has missed its words: chance does not do that."""
    unlearnt_s: float = 3 * DAY_S
    """Patience with a device whose habits are not known: the rarest that reports daily, three times."""
    offline_least_s: float = HOUR_S
    """A door whose last will the broker has told is silent after this; a meter after half its patience."""
    online_least_s: float = 7 * DAY_S
    """A door whose connection stands is alive; so long without a passage is odd all the same."""
    home_door_least_s: float = 30 * DAY_S
    """The door of one home is quiet while its people travel; that is for other detectors, not a fault of the door."""
    together: int = 3
    """So many make a group."""
    share: float = 0.8
    """Share of the devices of every entrance that must be silent: one on another network may go on speaking."""
    red_alone_s: float = 7 * DAY_S
    """A single device is urgent after a week: by then its home cannot be judged any more."""
    red_together_s: float = DAY_S
    """A whole place unseen for a day leaves every detector there without its facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A device that was heard before. Times are seconds since 1970, `quiet_s` counts listening only.

    `patience_s` is None where its habits are not known; `together_s` is when it was last silent with others.
    """

    device_id: str
    kind: DeviceKind
    unit_id: str | None
    building: str
    entrance: str
    word_s: float
    quiet_s: float
    patience_s: float | None = None
    online: bool | None = None
    together_s: float | None = None

    def limit_s(self, least_s: float, rules: SilencePolicy) -> float:
        """How long it may be quiet."""
        patience_s = self.patience_s or rules.unlearnt_s
        if self.kind is not DeviceKind.DOOR:  # radios come and go without a farewell
            return max(patience_s / 2, rules.offline_least_s) if self.online is False else max(patience_s, least_s)
        if self.online is False:
            return rules.offline_least_s
        if self.unit_id is not None:
            return max(patience_s, rules.home_door_least_s)
        return max(3 * patience_s, rules.online_least_s) if self.online else max(patience_s, least_s)


@dataclass(frozen=True, slots=True)
class Silence:
    """Devices that are silent, alone or together; `scope` names what they share, `known` stands for the place."""

    scope: str
    devices: tuple[Voice, ...]
    known: str


_Place: TypeAlias = Callable[[Voice], tuple[str, ...]]


def _entrance(voice: Voice) -> tuple[str, ...]:
    return (voice.building, voice.entrance)


def _building(voice: Voice) -> tuple[str, ...]:
    return (voice.building,)


_SCOPES: tuple[tuple[str, _Place, _Place], ...] = (
    ("estate_silent", lambda _: (), _building),
    ("building_silent", _building, _entrance),
    ("entrance_silent", _entrance, lambda voice: (voice.device_id,)),
)
"""Name, what makes a place of it, and the narrower places of which it must span more than one to be told as this."""


def silences(voices: Sequence[Voice], at_s: float, policy: SilencePolicy | None = None) -> list[Silence]:
    """Every silence in an estate at a moment, the widest first; a device is named in one only.

    A device that was silent with others is given its own patience again to come back after them: not all report in
    the same minute after a power cut.
    """
    rules = policy or SilencePolicy()
    found = list(_together(voices, rules))
    named = {voice.device_id for silence in found for voice in silence.devices}
    for voice in voices:
        limit_s = voice.limit_s(rules.alone_least_s, rules)
        waits = voice.together_s is not None and at_s - voice.together_s <= limit_s
        if voice.device_id not in named and voice.quiet_s > limit_s and not waits:
            found.append(Silence("silent", (voice,), voice.device_id))
    return found


def _together(voices: Sequence[Voice], rules: SilencePolicy) -> Iterator[Silence]:
    silent = {
        voice.device_id: voice for voice in voices if voice.quiet_s > voice.limit_s(rules.together_least_s, rules)
    }
    speaking = {voice.device_id for voice in voices} - silent.keys()
    for scope, place, narrower in _SCOPES:
        for members in _places(voices, place):
            quiet = [voice for voice in members if voice.device_id in silent]
            group = _fallen(quiet, [voice for voice in members if voice.device_id in speaking], rules)
            if len({narrower(voice) for voice in group}) > 1:
                group += [voice for voice in quiet if voice.kind is DeviceKind.DOOR and voice not in group]
                for voice in group:
                    del silent[voice.device_id]
                yield Silence(scope, tuple(group), min(voice.device_id for voice in members))


def _places(voices: Sequence[Voice], place: _Place) -> Iterator[list[Voice]]:
    """All devices of each place, then its meters, then its meters of each kind."""
    everything: dict[tuple[str, ...], list[Voice]] = defaultdict(list)
    kinds: dict[tuple[str, ...], list[Voice]] = defaultdict(list)
    for voice in voices:
        everything[place(voice)].append(voice)
        if voice.kind is not DeviceKind.DOOR:
            kinds[(*place(voice), "")].append(voice)
            kinds[(*place(voice), voice.kind)].append(voice)
    for places in (everything, kinds):
        yield from (members for _, members in sorted(places.items()))


def _fallen(quiet: Sequence[Voice], speaking: Sequence[Voice], rules: SilencePolicy) -> list[Voice]:
    """Those that fell silent at about the same time, where they are nearly all that could speak, at every entrance."""
    if len(quiet) < rules.together:
        return []
    middle_s = float(np.median([voice.word_s for voice in quiet]))
    group = [voice for voice in quiet if abs(voice.word_s - middle_s) <= voice.limit_s(rules.together_least_s, rules)]
    fallen, left = (Counter(map(_entrance, voices)) for voices in (group, speaking))
    everywhere = all(fallen[place] >= rules.share * (fallen[place] + left[place]) for place in {*fallen, *left})
    return group if everywhere and len(group) >= rules.together else []
