"""The evaluation as one page of HTML that needs nothing else: tables with intervals, and plots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from detectors.evaluation.quality import Quality, accused_ratio
from detectors.evaluation.tally import BUDGETS, EVERYBODY
from detectors.findings import Kind
from gateway.evaluation import plots
from gateway.evaluation.bench import OWN, Evaluation, Judged

COLUMNS = (
    ("precision_2", "precision at 2"),
    ("precision_5", "at 5"),
    ("precision_10", "at 10"),
    ("precision_top", "top n"),
    ("recall", "recall"),
    ("recall_30", "in 30 d"),
    ("recall_60", "in 60 d"),
    ("delay_median", "delay, d"),
    ("alarms", "alarms ¹"),
    ("false_alarms", "false ¹"),
    ("recall_fp_0.1", "recall at 0.1 % ²"),
    ("recall_fp_0.3", "0.3 %"),
    ("recall_fp_1", "1 %"),
    ("brier", "Brier"),
    ("ece", "ECE"),
    ("ece_alarms", "ECE of alarms"),
)
_WHOLE = {"delay_median", "delay_p90"}
_TENTHS = {"alarms", "false_alarms"}
_FINE = {"brier", "ece", "ece_alarms"}
_NOTES = (
    "Precision at k: weekly lists at k visits per 1,000 units and month, the likeliest alarms first, four weeks of "
    "pause after a visit in vain. Top n: of as many units as there are cases, those with the highest scores. "
    "Small figures: 90 % intervals, households drawn again. "
    "¹ per 1,000 units and month. ² where so many looks at honest homes are above the line."
)
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:1280px;padding:0 1rem;color:#1b1f23}
table{border-collapse:collapse;margin:1rem 0}th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid #ddd}
th:first-child,td:first-child{text-align:left}small{display:block;color:#555;font-size:11px}
tr.own{background:#eef5fb;font-weight:600}figure{display:inline-block;margin:.5rem 1rem .5rem 0;vertical-align:top}
figcaption{font-size:12px;max-width:420px}figcaption span{margin-right:.8rem;white-space:nowrap}
.wide{overflow-x:auto}.warn{background:#fff6e0;border-left:4px solid #b45f06;padding:.5rem 1rem}
"""


def page(found: Evaluation) -> str:
    """The whole page."""
    body = "".join(_kind(found, kind) for kind in found.kinds)
    title = f"{found.span.units:,} units, {found.span.start} to {found.span.end}"
    looks = "a look every day" if found.every_days == 1 else f"a look every {found.every_days} days"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Evaluation: {title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f"<h1>Evaluation of the detectors</h1><p>{title}, {looks}.</p>"
        '<p class="warn">On simulated homes these figures show whether the rules do what they should in a world that '
        "somebody made up. They are not accuracy in the field.</p>"
        f"{_worlds(found)}{body}<p><small>{_NOTES}</small></p></body></html>"
    )


def figure(name: str, value: float | None) -> str:
    """A figure as text, as fine as it deserves."""
    if value is None:
        return "–"
    if name in _WHOLE:
        return f"{value:.0f}"
    if name in _TENTHS:
        return f"{value:.1f}"
    return f"{value:.3f}" if name in _FINE else f"{value:.2f}"


def _worlds(found: Evaluation) -> str:
    rows = [(each.name, f"{each.units:,}", str(each.start), str(each.end), str(each.looks)) for each in found.worlds]
    return _table(("world", "units", "first look", "last look", "looks"), rows)


def _kind(found: Evaluation, kind: Kind) -> str:
    judged = found.of(kind)
    own = next((one for one in judged if one.name == OWN), judged[0])
    cases = own.quality.cases
    parts = [
        f"<h2>{kind.value}</h2><p>{cases} cases, {own.quality.found} found by the detector.</p>",
        f'<div class="wide">{_figures(judged)}</div>',
        _precision_plot(judged),
        _delay_plot(judged),
        _reliability_plot(judged),
        _honest(own.quality),
        _found_by("subtype", own.quality.recall_by_subtype),
        _found_by("disguise", own.quality.recall_by_disguise),
        _seeds(own),
    ]
    return "".join(parts)


def _figures(judged: Sequence[Judged]) -> str:
    rows = []
    for one in judged:
        cells = "".join(f"<td>{_cell(one.quality, name)}</td>" for name, _ in COLUMNS)
        mark = ' class="own"' if one.name == OWN else ""
        rows.append(f"<tr{mark}><td>{escape(one.name)}</td>{cells}</tr>")
    head = "".join(f"<th>{escape(title)}</th>" for _, title in COLUMNS)
    return f"<table><thead><tr><th></th>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _cell(its: Quality, name: str) -> str:
    told = figure(name, its.figures.get(name))
    interval = its.intervals.get(name)
    return told if interval is None else f"{told}<small>{' – '.join(figure(name, bound) for bound in interval)}</small>"


def _precision_plot(judged: Iterable[Judged]) -> str:
    name = f"precision_{BUDGETS[1]}"
    named = {one.name: (one.quality.figures.get(name), one.quality.intervals.get(name)) for one in judged}
    return f"<figure>{plots.bars(named, x=f'precision at {BUDGETS[1]} visits per 1,000 units and month')}</figure>"


def _delay_plot(judged: Iterable[Judged]) -> str:
    named = {}
    for one in judged:
        cases = max(one.quality.cases, 1)
        steps = [(0.0, 0.0)]
        for count, days in enumerate(one.quality.delays, start=1):
            steps += [(days, steps[-1][1]), (days, count / cases)]
        named[one.name] = [*steps, (90.0, steps[-1][1])]
    return plots.lines(named, x="days since the case began or was first watched", y="share of cases found", most_x=90)


def _reliability_plot(judged: Iterable[Judged]) -> str:
    named = {
        one.name: [(at.said, at.was) for at in one.quality.reliability] for one in judged if one.quality.reliability
    }
    plot = plots.lines(named, x="probability said", y="share that was so", most_x=1, diagonal=True)
    return plot if named else ""


def _honest(its: Quality) -> str:
    rows = []
    for name, (homes, accused) in sorted(its.accused.items(), key=lambda item: (item[0] != EVERYBODY, item[0])):
        ratio = accused_ratio(its, name)
        rows.append((name, str(homes), str(accused), "–" if ratio is None else f"{ratio:.2f}"))
    wrong = ", ".join(f"{name} {count}" for name, count in its.false_by_name.items()) or "none"
    table = _table(("honest homes", "homes", "wrongly accused", "beside the average"), rows)
    return f"<h3>Wrong accusations by the detector</h3>{table}<p>By what was really so: {escape(wrong)}.</p>"


def _found_by(what: str, recall: Mapping[str, tuple[int, int]]) -> str:
    rows = [(name, str(cases), str(found)) for name, (cases, found) in recall.items()]
    return _table((what, "cases", "found"), rows) if rows else ""


def _seeds(own: Judged) -> str:
    names = ("precision_5", "recall_30", "false_alarms", "recall_fp_0.3")
    rows = [(world, *(figure(name, figures.get(name)) for name in names)) for world, figures in own.by_world.items()]
    return _table(("world", "precision at 5", "recall in 30 d", "false ¹", "recall at 0.3 %"), rows) if rows else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    titles = "".join(f"<th>{escape(title)}</th>" for title in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"
