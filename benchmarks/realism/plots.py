"""Two series side by side as a small SVG, drawn here so that it looks the same everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 560, 240, 46, 12, 34, 34
REAL, SIMULATED, INK = "#5a6b7b", "#d9772b", "#333"


class Plot(NamedTuple):
    """Real and simulated figures with their labels; `line` draws curves instead of bars."""

    title: str
    labels: Sequence[str]
    real: Sequence[float]
    simulated: Sequence[float]
    line: bool = False


def svg(plot: Plot) -> str:
    """The plot as a file's text."""
    top = max(*plot.real, *plot.simulated) * 1.08 or 1.0
    draw = _lines if plot.line else _bars
    parts = [*_frame(plot, top), *draw(plot, top), *_legend()]
    box, font = f"0 0 {WIDTH} {HEIGHT}", 'font-family="sans-serif" font-size="11"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" {font}>'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>', *parts, "</svg>\n"])


def _x(plot: Plot, place: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (place + 0.5) / len(plot.labels)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def _frame(plot: Plot, top: float) -> list[str]:
    parts = [f'<text x="{LEFT}" y="18" font-size="13" fill="{INK}">{plot.title}</text>']
    for tenth in (0, 0.25, 0.5, 0.75, 1):
        value = top * tenth
        y = _y(value, top)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{y + 4:.1f}" text-anchor="end" fill="{INK}">{value:.3g}</text>')
    return parts + [
        f'<text x="{_x(plot, n):.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle" fill="{INK}">{label}</text>'
        for n, label in enumerate(plot.labels)
    ]


def _bars(plot: Plot, top: float) -> list[str]:
    wide = (WIDTH - LEFT - RIGHT) / len(plot.labels) * 0.36
    return [
        f'<rect x="{_x(plot, n) + side * wide:.1f}" y="{_y(value, top):.1f}" width="{wide:.1f}" '
        f'height="{_y(0, top) - _y(value, top):.1f}" fill="{colour}"/>'
        for side, colour, values in ((-1, REAL, plot.real), (0, SIMULATED, plot.simulated))
        for n, value in enumerate(values)
    ]


def _lines(plot: Plot, top: float) -> list[str]:
    return [
        f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{_points(plot, values, top)}"/>'
        for colour, values in ((REAL, plot.real), (SIMULATED, plot.simulated))
    ]


def _points(plot: Plot, values: Sequence[float], top: float) -> str:
    return " ".join(f"{_x(plot, n):.1f},{_y(value, top):.1f}" for n, value in enumerate(values))


def _legend() -> list[str]:
    parts = []
    for x, colour, name in ((WIDTH - 150, REAL, "real"), (WIDTH - 90, SIMULATED, "simulated")):
        parts.append(f'<rect x="{x}" y="9" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{x + 14}" y="18" fill="{INK}">{name}</text>')
    return parts
