"""Where the console may listen (`estate serve` and the supervisor ask the same question), and addresses to show."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

from gateway.errors import ConfigError, PortInUseError
from gateway.settings import Settings
from gateway.store import accounts
from gateway.store.database import Connection


def check_bind(settings: Settings) -> None:
    """Make sure that the console can listen where it is told to.

    Raises:
        ConfigError: the port is one that only root may use, or the address is not this machine's.
        PortInUseError: another program listens there.
    """
    _try_port(settings.http_host, settings.http_port)


def check_accounts(settings: Settings, conn: Connection) -> None:
    """Make sure that the console may listen there: for others only once there is an account.

    Raises:
        ConfigError: while there is none, anybody there could act.
    """
    if not _is_loopback(settings.http_host) and not accounts.exist(conn):
        raise ConfigError(
            "ESTATE_HTTP_HOST",
            f"the console has no accounts yet, so it listens on this machine only, not on {settings.http_host}; "
            "make one first (estate user add NAME --role admin), or set it to 127.0.0.1",
        )


def console_address(settings: Settings) -> str:
    """The console's address for a browser."""
    host = f"[{settings.http_host}]" if ":" in settings.http_host else settings.http_host
    return f"http://{host}:{settings.http_port}/"


def without_password(url: str) -> str:
    """An address of a server as it may be shown."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _try_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: what only lingers is free
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise ConfigError("ESTATE_HTTP_PORT", f"{port} is for root only; choose one above 1023") from error
        except OSError as error:
            raise PortInUseError(
                f"port {port} on {host} is in use ({error.strerror}); stop what listens there or choose another "
                "with ESTATE_HTTP_PORT (estate demo: --port)"
            ) from error
