"""`estate detect preview`: what another policy would have changed, before it is in force."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from detectors.policy import Policy
from gateway.cli.opened import opened
from gateway.detection.policy import Rules, read_rules
from gateway.detection.preview import Difference, Effect, Preview, Wish, preview
from gateway.settings import load

_WIDTH = 120
"""Columns that the table needs; a narrower screen wraps it."""
_BRACKETS = "in brackets: what visits to these alerts found, the suspicion right (found) or not (normal)"
_HEADS = {
    Effect.NO_LONGER: "no longer",
    Effect.IN_ADDITION: "in addition",
    Effect.EARLIER: "earlier",
    Effect.LATER: "later",
}


def preview_command(  # noqa: PLR0917 - typer's options
    policy: Annotated[Path, typer.Option(metavar="FILE", help="The new policy (docs/detectors.md, Policy).")],
    days: Annotated[int, typer.Option(min=1, max=365, help="How far back.")] = 90,
    every: Annotated[int, typer.Option(min=1, max=30, metavar="DAYS", help="Days between two looks.")] = 7,
    estate: Annotated[str | None, typer.Option(metavar="ID", help="Only this estate.")] = None,
    units: Annotated[bool, typer.Option("--units", help="Name the units.")] = False,  # noqa: FBT002 - typer's flag
    as_json: Annotated[bool, typer.Option("--json", help="For programs; units are named.")] = False,  # noqa: FBT002
) -> None:
    """Show which alerts another policy would have raised, and when, beside the one in force. Changes nothing.

    Both are replayed over the stored past, cut off at each day looked at; alerts end by the usual rule, and nobody
    acts on them. What visits found meanwhile stands in brackets.
    """
    settings = load()
    now, new = read_rules(settings.policy_file), read_rules(policy)
    changes = list(changes_of(now, new))
    with opened() as conn, Console(stderr=True).status("reading") as status:
        wish = Wish(days=days, every_days=every, estate_id=estate)
        found = preview(conn, now, new, wish, progress=status.update)
    if as_json:
        typer.echo(json.dumps(_figures(found, changes), default=str, ensure_ascii=False, indent=2))
    else:
        _print(found, changes, units=units)


def changes_of(now: Rules, new: Rules) -> Iterator[tuple[str, object, object]]:
    """Name, present and new value of everything that the new policy changes."""
    ours, theirs = ([str(one.kind) for one in rules.detectors] for rules in (now, new))
    if ours != theirs:
        yield "detectors", ours, theirs
    for name in (one.name for one in fields(Policy)):
        values = getattr(now.policy, name), getattr(new.policy, name)
        if values[0] != values[1]:
            yield name, *values
    for language in sorted({*now.words, *new.words}):
        texts = [rules.words.get(language, {}) for rules in (now, new)]
        for key in sorted({*texts[0], *texts[1]}):
            said, says = (text.get(key) for text in texts)
            if said != says:
                yield f"words.{language}: {key}", said, says


def _figures(found: Preview, changes: Sequence[tuple[str, object, object]]) -> dict[str, object]:
    """The same for programs."""
    return {
        "changes": [{"field": field, "now": now, "new": new} for field, now, new in changes],
        "start": found.start,
        "end": found.end,
        "every_days": found.every_days,
        "units": found.units,
        "counts": [
            {
                "estate_id": estate_id,
                "kind": kind,
                "now": sum(one.now is not None for one in its),
                "new": sum(one.new is not None for one in its),
                **{effect.value: _count(_of(its, effect)) for effect in Effect},
            }
            for (estate_id, kind), its in _grouped(found).items()
        ],
        "differences": [
            {**asdict(one), "effect": one.effect, "shift_days": one.shift_days}
            for one in found.alerts
            if one.effect is not Effect.SAME
        ],
    }


def _grouped(found: Preview) -> Mapping[tuple[str, str], list[Difference]]:
    groups: dict[tuple[str, str], list[Difference]] = {}
    for one in found.alerts:
        groups.setdefault((one.estate_id, str(one.kind)), []).append(one)
    return dict(sorted(groups.items()))


def _of(its: Sequence[Difference], effect: Effect) -> list[Difference]:
    return [one for one in its if one.effect is effect]


def _count(its: Sequence[Difference]) -> dict[str, int]:
    return {
        "alerts": len(its),
        "found": sum(one.was_found is True for one in its),
        "normal": sum(one.was_found is False for one in its),
    }


def _print(found: Preview, changes: Sequence[tuple[str, object, object]], *, units: bool) -> None:
    console = Console(highlight=False, width=max(Console().width, _WIDTH))
    for field, now, new in changes:
        console.print(f"{field}: {_value(now)} → {_value(new)}", markup=False)
    if not changes:
        console.print("the file says the same as the policy in force")
    looks = "day by day" if found.every_days == 1 else f"a look every {found.every_days} days"
    console.print(f"{found.units} units, {found.start} to {found.end}, {looks}")
    groups = _grouped(found)
    if not groups:
        console.print("no alert under either policy")
        return
    console.print(_table(groups))
    if any(one.was_found is not None for one in found.alerts):
        console.print(_BRACKETS)
    if units:
        _print_units(console, found)


def _table(groups: Mapping[tuple[str, str], Sequence[Difference]]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("estate", "kind"):
        table.add_column(name)
    for name in ("now", "new", *_HEADS.values()):
        table.add_column(name, justify="right")
    for (estate_id, kind), its in groups.items():
        table.add_row(estate_id, kind, *_cells(its))
    if len(groups) > 1:
        table.add_section()
        table.add_row("all", "", *_cells([one for its in groups.values() for one in its]))
    return table


def _cells(its: Sequence[Difference]) -> list[str]:
    totals = [_cell([one for one in its if one.now]), _cell([one for one in its if one.new])]
    return totals + [_cell(_of(its, effect), shifted=effect in (Effect.EARLIER, Effect.LATER)) for effect in _HEADS]


def _cell(its: Sequence[Difference], *, shifted: bool = False) -> str:
    count = _count(its)
    told = ", ".join(f"{count[name]} {name}" for name in ("found", "normal") if count[name])
    by = f" by {median(abs(one.shift_days) for one in its):g} d" if shifted and its else ""
    return f"{len(its)}{by}{f' ({told})' if told else ''}"


def _print_units(console: Console, found: Preview) -> None:
    for one in found.alerts:
        if one.effect is not Effect.SAME:
            opened = [str(spell.opened) if spell else "–" for spell in (one.now, one.new)]
            visited = {None: "", True: "  (found)", False: "  (normal)"}[one.was_found]
            what = f"{_HEADS[one.effect]:<12} {one.kind:<8} {one.estate_id} {one.unit_id}"
            console.print(f"{what}  {opened[0]} → {opened[1]}{visited}", markup=False)


def _value(value: object) -> str:
    if value is None:
        return "as it comes"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
