"""The bench: every detector, and what the field does instead, over the same looks at the same panels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from detectors.evaluation import peers
from detectors.evaluation.judging import WARMUP_DAYS, DetectorJudge, Judge, Judgement, Replay, Watch, replay
from detectors.evaluation.quality import Figures, Quality, quality
from detectors.evaluation.tally import Tally, pooled, tally
from detectors.evaluation.truth import Truth
from detectors.evaluation.visiting import looks_between
from detectors.findings import Detector, Kind
from gateway.errors import InputFileError
from gateway.evaluation.ecod import ecod
from gateway.evaluation.worlds import World

OWN = "detector"
LEARNT_DAYS = 7
"""Who learns is asked once a week, and the word stands for the week: nightly fitting would take hours."""
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What was watched: so many units, from the first to the last look."""

    name: str
    units: int
    start: date
    end: date
    looks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A judge of a kind and how well it did over all worlds, and its figures in each of them."""

    name: str
    quality: Quality
    by_world: dict[str, Figures]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What was watched, and everybody's figures; detectors first, then their peers."""

    span: Span
    worlds: tuple[Span, ...]
    every_days: int
    results: tuple[Judged, ...]
    notes: tuple[str, ...] = ()
    """What was left out, in sentences."""

    def of(self, kind: Kind) -> list[Judged]:
        """Everybody's figures for a kind."""
        return [one for one in self.results if one.quality.kind == kind]

    @property
    def kinds(self) -> list[Kind]:
        """The kinds that were looked for."""
        return list(dict.fromkeys(one.quality.kind for one in self.results))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One panel's replay with its truth; a world has one an estate."""

    world: str
    replay: Replay
    weekly: Replay
    """The features of fewer looks, for who learns; the same replay where nobody does."""
    looks_each: int
    truths: Sequence[Truth]


def evaluate(
    worlds: Iterable[World],
    detectors: Sequence[Detector],
    *,
    every_days: int = 1,
    with_peers: bool = True,
    rounds: int = 200,
    progress: Progress = lambda _: None,
) -> Evaluation:
    """Replay all judges over all worlds and compare them with the truth.

    Raises:
        InputFileError: there is no history long enough to judge.
    """
    judges: list[Judge] = [DetectorJudge(detector) for detector in detectors]
    judges += peers.rules() if with_peers else []
    parts: list[_Part] = []
    notes: list[str] = []
    for world in worlds:
        notes += world.notes
        parts += _replayed(world, judges, every_days, with_peers, progress)
    if not parts:
        raise InputFileError(
            f"less than {WARMUP_DAYS} days of history; judge more, or import it: estate history import"
        )
    judgements = _with_learnt(parts, progress) if with_peers else [list(part.replay.judgements) for part in parts]
    results = []
    for name, kind in dict.fromkeys((one.name, one.kind) for words in judgements for one in words):
        progress(f"{name}: {kind}")
        results.append(_judged(parts, judgements, name, kind, rounds))
    return Evaluation(
        span=_span("all", [part.replay.watch for part in parts]),
        worlds=tuple(_span(name, [one.replay.watch for one in its]) for name, its in _by_world(parts).items()),
        every_days=every_days,
        results=tuple(results),
        notes=tuple(notes),
    )


def _replayed(
    world: World,
    judges: Sequence[Judge],
    every_days: int,
    with_peers: bool,  # noqa: FBT001
    progress: Progress,
) -> list[_Part]:
    parts = []
    for panel in world.panels:
        if len(panel.days) >= WARMUP_DAYS:
            looks = 0

            def count(more: int) -> None:
                nonlocal looks
                looks += more
                progress(f"{world.name}: look {looks}")

            each = looks_between(LEARNT_DAYS, every_days)
            seen = replay(panel, judges, every_days=every_days, progress=count)
            weekly = replay(panel, [], every_days=every_days * each, with_features=True) if with_peers else seen
            known = _known(world.truths, panel.unit_ids)
            parts.append(_Part(world=world.name, replay=seen, weekly=weekly, looks_each=each, truths=known))
    return parts


def _known(truths: Iterable[Truth], unit_ids: Iterable[str]) -> list[Truth]:
    here = set(unit_ids)
    return [truth for truth in truths if truth.unit_id in here]


def _with_learnt(parts: Sequence[_Part], progress: Progress) -> list[list[Judgement]]:
    replays, truths = [part.weekly for part in parts], [part.truths for part in parts]
    progress("IsolationForest, ECOD")
    unsupervised = zip(peers.isolation_forest(replays), ecod(replays), strict=True)
    progress("gradient boosting")
    boosted = peers.gradient_boosting(replays, truths)
    return [
        [*part.replay.judgements, *_held(part, [*forest, *outliers, *more])]
        for part, (forest, outliers), more in zip(parts, unsupervised, boosted, strict=True)
    ]


def _held(part: _Part, weekly: Sequence[Judgement]) -> list[Judgement]:
    return [one.held(part.looks_each, len(part.replay.watch.days)) for one in weekly]


def _judged(
    parts: Sequence[_Part], judgements: Sequence[Sequence[Judgement]], name: str, kind: Kind, rounds: int
) -> Judged:
    tallies: dict[str, list[Tally]] = {}
    is_probability = False
    for part, words in zip(parts, judgements, strict=True):
        for word in words:
            if (word.name, word.kind) == (name, kind):
                is_probability = word.is_probability
                tallies.setdefault(part.world, []).append(tally(word, part.truths, part.replay.watch))
    everything = pooled([one for its in tallies.values() for one in its])
    return Judged(
        name=name,
        quality=quality(kind, everything, is_probability=is_probability, rounds=rounds),
        by_world={
            world: quality(kind, pooled(its), is_probability=is_probability, rounds=0).figures
            for world, its in tallies.items()
        }
        if len(tallies) > 1
        else {},
    )


def _by_world(parts: Sequence[_Part]) -> dict[str, list[_Part]]:
    found: dict[str, list[_Part]] = {}
    for part in parts:
        found.setdefault(part.world, []).append(part)
    return found


def _span(name: str, watched: Sequence[Watch]) -> Span:
    return Span(
        name=name,
        units=sum(len(one.unit_ids) for one in watched),
        start=min(date.fromisoformat(str(one.days[0])) for one in watched),
        end=max(date.fromisoformat(str(one.days[-1])) for one in watched),
        looks=max(len(one.days) for one in watched),
    )
