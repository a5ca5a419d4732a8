"""Small plots as SVG text: no library, no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

_WIDTH, _HEIGHT = 420, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 14, 34
_PENS = (
    ("#0b5394", ""),
    ("#b45f06", "6 3"),
    ("#38761d", "2 3"),
    ("#741b47", "8 3 2 3"),
    ("#444444", "1 4"),
    ("#a61c00", "10 4"),
    ("#134f5c", "4 2"),
    ("#7f6000", "3 5"),
)
"""Colour and dashes: lines differ without colour, too."""
Points = Sequence[tuple[float, float]]


def lines(
    named: Mapping[str, Points], *, x: str, y: str, most_x: float, most_y: float = 1.0, diagonal: bool = False
) -> str:
    """Lines over two axes that begin at zero, with a legend."""
    drawn = [_axes(x, y, most_x, most_y)]
    if diagonal:
        drawn.append(_path([(0, 0), (most_x, most_y)], most_x, most_y, "#999999", "2 4"))
    for (name, points), (colour, dashes) in zip(named.items(), _PENS * (1 + len(named) // len(_PENS)), strict=False):
        drawn.append(f"<g><title>{escape(name)}</title>{_path(points, most_x, most_y, colour, dashes)}</g>")
    return _figure("".join(drawn), _legend(named))


def bars(named: Mapping[str, tuple[float | None, tuple[float, float] | None]], *, x: str) -> str:
    """One bar a name from 0 to 1 with its interval; no bar where there is no figure."""
    height, label = 22, 190
    scale = _WIDTH + 120 - label - 50
    drawn = []
    for at, (name, (value, interval)) in enumerate(named.items()):
        top = at * height + 4
        drawn.append(_text(label - 6, top + 13, name, "end"))
        if value is None:
            drawn.append(_text(label + 4, top + 13, "–"))
            continue
        colour = _PENS[0][0] if at == 0 else "#9aa7b2"
        drawn.append(f'<rect x="{label}" y="{top}" width="{value * scale:.1f}" height="15" fill="{colour}"/>')
        if interval:
            low, high = (label + bound * scale for bound in interval)
            drawn.append(f'<path d="M{low:.1f} {top + 7.5}H{high:.1f}" stroke="#000" stroke-width="1.5"/>')
        drawn.append(_text(label + scale + 6, top + 13, f"{value:.2f}"))
    whole = len(named) * height + 24
    drawn.append(_text(label, whole - 6, x))
    return _svg(_WIDTH + 120, whole, "".join(drawn))


def _figure(drawn: str, legend: str) -> str:
    return f"<figure>{_svg(_WIDTH, _HEIGHT, drawn)}<figcaption>{legend}</figcaption></figure>"


def _svg(width: int, height: int, drawn: str) -> str:
    return f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">{drawn}</svg>'


def _legend(named: Mapping[str, Points]) -> str:
    pens = _PENS * (1 + len(named) // len(_PENS))
    return " ".join(
        f'<span><svg viewBox="0 0 28 8" width="28" height="8"><path d="M0 4H28" stroke="{colour}" stroke-width="2"'
        f' stroke-dasharray="{dashes}"/></svg> {escape(name)}</span>'
        for name, (colour, dashes) in zip(named, pens, strict=False)
    )


def _axes(x: str, y: str, most_x: float, most_y: float) -> str:
    drawn = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        across, up = _place((share * most_x, share * most_y), most_x, most_y)
        drawn.append(f'<path d="M{_LEFT} {up:.1f}H{_WIDTH - _RIGHT}" stroke="#ddd"/>')
        drawn.append(_text(_LEFT - 5, up + 4, f"{share * most_y:g}", "end"))
        drawn.append(_text(across, _HEIGHT - _BOTTOM + 15, f"{share * most_x:g}", "middle"))
    drawn.append(_text(_WIDTH - _RIGHT, _HEIGHT - 4, x, "end"))
    drawn.append(_text(_LEFT, _TOP - 3, y))
    return "".join(drawn)


def _path(points: Points, most_x: float, most_y: float, colour: str, dashes: str) -> str:
    places = [_place(point, most_x, most_y) for point in points]
    way = "L".join(f"{across:.1f} {up:.1f}" for across, up in places)
    return (
        f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>' if way else ""
    )


def _place(point: tuple[float, float], most_x: float, most_y: float) -> tuple[float, float]:
    across, up = point
    inside_x, inside_y = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    return _LEFT + inside_x * min(across / most_x, 1), _HEIGHT - _BOTTOM - inside_y * min(up / most_y, 1)


def _text(across: float, up: float, said: str, anchor: str = "start") -> str:
    return f'<text x="{across:.1f}" y="{up:.1f}" text-anchor="{anchor}" font-size="11">{escape(said)}</text>'
