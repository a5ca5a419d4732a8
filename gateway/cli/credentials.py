"""`estate device credential`: accounts of devices with the broker."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gateway.accounts.broker import (
    Right,
    check_topic,
    merge_passwords,
    merge_rights,
    native_rights,
    new_password,
    password_hash,
)
from gateway.cli.opened import opened
from gateway.errors import ConfigError, InputFileError
from gateway.store import credentials
from gateway.store.credentials import ListedDevice

app = typer.Typer(help="Accounts of devices with the broker (Mosquitto).", no_args_is_help=True)

PASSWORDS, RIGHTS = "passwords", "rights"
_FILE_MODE = 0o640

_Device = Annotated[str, typer.Argument(metavar="DEVICE", help="Its id in the lists; also its user name.")]
_Topics = Annotated[list[str] | None, typer.Option(metavar="TOPIC", help="May be repeated; + and # allowed.")]


@app.callback()
def credential() -> None:
    """Accounts of devices with the broker (Mosquitto): each may write only its own topics."""


@app.command("add")
def add_command(device: _Device, *, write: _Topics = None, read: _Topics = None) -> None:
    """Make a device's account, or give it another password, and print the password; it is shown this once.

    A device of the native dialect may write its own topics. For others say what they write (--write) and, where they
    are answered, what they read (--read). `estate device credential write` then tells the broker.
    """
    password = new_password()
    with opened() as conn:
        rights = _rights(credentials.device(conn, device), write or [], read or [])
        credentials.put(conn, device, password_hash(password), rights)
    for right in rights:
        typer.echo(f"may {right.access} {right.topic}", err=True)
    typer.echo(f"password of {device}; it is not shown again:", err=True)
    typer.echo(password)


@app.command("list")
def list_command() -> None:
    """List the accounts: what each may write and read."""
    table = Table("device", "estate", "kind", "made", "rights", "state", box=None)
    with opened() as conn:
        for row in credentials.every(conn):
            rights = "\n".join(f"{right.access} {right.topic}" for right in row.rights)
            state = "revoked" if row.revoked_at else ""
            table.add_row(row.device_id, row.estate_id, row.kind, f"{row.made_at:%Y-%m-%d}", rights, state)
    Console(highlight=False).print(table)


@app.command("revoke")
def revoke_command(device: _Device) -> None:
    """End a device's account. The broker hears of it with `estate device credential write`."""
    with opened() as conn:
        credentials.revoke(conn, device)
    typer.echo(f"{device}: revoked; now: estate device credential write FOLDER")


@app.command("write")
def write_command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where Mosquitto's files are, e.g. /etc/mosquitto.")],
) -> None:
    """Write Mosquitto's `passwords` and `rights` in FOLDER. Accounts in them that are not devices' stay as they are.

    Afterwards Mosquitto has to read them again: systemctl reload mosquitto (or a SIGHUP).
    """
    with opened() as conn:
        rows = credentials.every(conn)
    live = {row.device_id: row for row in rows if row.revoked_at is None}
    ended = {row.device_id for row in rows} - live.keys()
    hashes = {name: row.password_hash for name, row in live.items()}
    rights = {name: row.rights for name, row in live.items()}
    try:
        _replace(folder / PASSWORDS, merge_passwords(_text(folder / PASSWORDS), hashes, ended))
        _replace(folder / RIGHTS, merge_rights(_text(folder / RIGHTS), rights))
    except OSError as error:
        raise InputFileError(f"cannot write in {folder}: {error.strerror}") from error
    typer.echo(f"{folder}: {len(live)} devices; now: systemctl reload mosquitto")


def _rights(device: ListedDevice, write: list[str], read: list[str]) -> tuple[Right, ...]:
    asked = (*(Right("write", check_topic(one)) for one in write), *(Right("read", check_topic(one)) for one in read))
    if device.codec == "native":
        return (*native_rights(device.estate_id, device.kind, device.device_id), *asked)
    if not write:
        raise ConfigError("--write", f"{device.device_id} speaks {device.codec}: say which topics it writes")
    return asked


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


def _replace(path: Path, text: str) -> None:
    """Put a file in another's place at once, with the other's owner and mode."""
    before = path.stat() if path.exists() else None
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
            os.fchmod(file.fileno(), before.st_mode & 0o777 if before else _FILE_MODE)
            if before and os.geteuid() == 0:
                os.fchown(file.fileno(), before.st_uid, before.st_gid)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
