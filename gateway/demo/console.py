"""Asking the console whether it is there, and what it shows."""

from __future__ import annotations

import http.client

import msgspec

from gateway.settings import Settings

_PATIENCE_S = 5.0


class _Page(msgspec.Struct):
    items: list[msgspec.Raw]


def is_ready(settings: Settings) -> bool:
    """Whether the console answers that it can work."""
    return _get(settings, "/readyz") is not None


def alerts(settings: Settings) -> str:
    """How many alerts its first page lists; once there are accounts that is not ours to see."""
    answer = _get(settings, "/api/v1/alerts")
    return "asks for a login" if answer is None else f"{len(msgspec.json.decode(answer, type=_Page).items)} alerts"


def _get(settings: Settings, path: str) -> bytes | None:
    connection = http.client.HTTPConnection(settings.http_host, settings.http_port, timeout=_PATIENCE_S)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return body if response.status == http.client.OK else None
