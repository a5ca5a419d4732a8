"""The address of an MQTT broker."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from device_sim.errors import BadParameterError

_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class Broker:
    """Where a broker listens and how one logs in."""

    host: str
    port: int
    username: str | None
    password: str | None
    encrypted: bool

    def tls(self) -> ssl.SSLContext | None:
        """What an encrypted connection checks the broker with; None for a plain one."""
        return ssl.create_default_context() if self.encrypted else None


def parse_broker(url: str) -> Broker:
    """The broker of `mqtt://` or `mqtts://user:password@host:port`.

    Raises:
        BadParameterError: the address is of another form.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadParameterError(f"--mqtt {url}: {error}") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise BadParameterError("--mqtt: write mqtt://host:port or mqtts://user:password@host:port")
    return Broker(
        parts.hostname,
        port or _PORTS[parts.scheme],
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
        parts.scheme == "mqtts",
    )
