"""The language of an answer: `?lang=`, else the cookie's, else the browser's (not for pages), else the setting's."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.requests import HTTPConnection

from gateway.words import LANGUAGES

_DATA = ("/api/", "/static/", "/healthz", "/readyz", "/metrics")


def language_of(connection: HTTPConnection) -> str:
    """One of `LANGUAGES`."""
    default: str = connection.app.state.settings.language
    asked = (connection.query_params.get("lang"), connection.cookies.get("lang"))
    known = (name for name in asked if name in LANGUAGES)
    header = "" if wants_a_page(connection) else connection.headers.get("accept-language", "")
    return next(known, None) or next(_accepted(header), default)


def wants_a_page(connection: HTTPConnection) -> bool:
    """Whether a person asks for a page with a browser, and not a program or a page's script for data."""
    return "text/html" in connection.headers.get("accept", "") and not connection.url.path.startswith(_DATA)


def _accepted(header: str) -> Iterator[str]:
    """Those of our languages that the header names, the most wanted first."""
    wanted = sorted((_weighed(part) for part in header.split(",")), key=lambda item: -item[0])
    for weight, name in wanted:
        main = name.split("-")[0]
        yield from (ours for ours in LANGUAGES if weight > 0 and ours.split("-")[0].lower() == main)


def _weighed(part: str) -> tuple[float, str]:
    name, _, parameter = part.strip().lower().partition(";")
    weight = parameter.strip().removeprefix("q=")
    return float(weight) if weight.replace(".", "", 1).isdecimal() else 1.0, name.strip()
