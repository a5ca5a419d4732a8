"""`estate device`: what devices on site say, and which of them no list has."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import credentials
from gateway.codecs.catalogue import dialects
from gateway.codecs.message import Message
from gateway.codecs.routes import Route, is_topic_filter, routes_of
from gateway.embedded import broker_url, database_url
from gateway.errors import ConfigError, InputFileError
from gateway.events import Condition, DeviceKind, DoorEvent, Event, Reading
from gateway.ingest.ear import listen
from gateway.ingest.intake import Directory
from gateway.ingest.trial import Trial, attempt, attempt_all, unlisted
from gateway.ingest.writer import Writer
from gateway.registry.columns import SPECS
from gateway.registry.rows import ListName
from gateway.settings import load
from gateway.store import quarantine
from gateway.store.database import Connection, connect
from gateway.store.migrate import check

app = typer.Typer(help="Devices on site: what they say, and which of them no list has.", no_args_is_help=True)
app.add_typer(credentials.app, name="credential")

_UNITS = {DeviceKind.WATER: "m³", DeviceKind.ELECTRICITY: "kWh"}


@app.callback()
def device() -> None:
    """Devices on site: what they say, and which of them no list has."""


@app.command("try")
def try_command(
    *,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A file that holds one message.")] = None,
    topic: Annotated[
        str | None, typer.Option(help="With FILE: the topic it came on. Without: topics to listen to, + and # allowed.")
    ] = None,
    dialect: Annotated[str | None, typer.Option(help="Read it as this dialect, whatever the topic says.")] = None,
    messages: Annotated[int, typer.Option(min=1, help="Listen for so many messages at most.")] = 10,
    seconds: Annotated[float, typer.Option(min=1, help="Listen so long at most.")] = 60,
) -> None:
    """Show what a message becomes, or why it is refused. Nothing is stored and nothing is answered.

    `estate device try FILE --topic T` decodes a file as if it had come on topic T; without a topic every dialect tries.
    `estate device try --topic FILTER` listens to the broker. A device that no list has is decoded all the same, and
    the last line says that its messages are held. The exit code is 1 if a message would be held.
    """
    route = _route_of(dialect)
    with _directory() as (_, directory):
        if file is not None:
            trials = _from_file(file, topic, directory, route)
        elif topic is not None:
            trials = _live(topic, directory, route, messages, seconds)
        else:
            raise ConfigError("estate device try", "give a FILE, or --topic to listen to")
        held = [_told(trial, directory) for trial in trials]
    if any(held):
        raise typer.Exit(1)


@app.command("learn")
def learn_command() -> None:
    """List devices that speak and are in no list: a CSV line each, ready for `devices.csv`.

    The lines go to standard output. The unit stays for you to fill in, and the estate where the messages do not tell
    it. After an import with the lines, replay what is held.
    """
    with _directory() as (conn, directory):
        found = unlisted(quarantine.unlisted(conn), directory)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(SPECS[ListName.DEVICES].columns)
    for one in found:
        device_id, estate_id, kind, codec = astuple(one)
        writer.writerow([device_id, estate_id, kind, "", "", "", codec, ""])
    typer.echo(f"{len(found)} devices speak and are in no list", err=True)


@contextmanager
def _directory() -> Iterator[tuple[Connection, Directory]]:
    settings = load()
    with database_url(settings) as url, connect(url) as conn:
        writer = Writer(conn, check(conn), "trial", settings.routes)
        writer.refresh_directory()
        yield conn, writer.directory


def _route_of(dialect: str | None) -> Route | None:
    if dialect is None:
        return None
    if dialect not in dialects():
        raise ConfigError("--dialect", f"{dialect} is not one of {', '.join(sorted(dialects()))}")
    configured = [route for route in load().routes.configured if route.dialect.name == dialect]
    return configured[0] if configured else routes_of({"#": dialect}).find("")


def _from_file(file: Path, topic: str | None, directory: Directory, route: Route | None) -> Iterator[Trial]:
    try:
        message = Message(topic or "", file.read_bytes(), time.time_ns() // 1000)
    except OSError as error:
        raise InputFileError(f"{file}: {error.strerror}") from error
    if topic is not None or route is not None:
        yield attempt(message, directory, route)
        return
    trials = attempt_all(message, directory)
    if not trials:
        raise InputFileError(f"{file}: no dialect can read it without its topic; say it with --topic")
    yield from trials


def _live(topic: str, directory: Directory, route: Route | None, messages: int, seconds: float) -> Iterator[Trial]:
    if not is_topic_filter(topic):
        raise ConfigError("--topic", f"{topic!r} is not an MQTT topic filter")
    with broker_url(load()) as broker:
        heard = 0
        for message in listen(broker, topic, messages, seconds):
            heard += 1
            typer.echo(f"{message.topic}  ({len(message.payload)} bytes{', retained' if message.retained else ''})")
            yield attempt(message, directory, route)
    typer.echo(f"{heard} messages on {topic}", err=True)


def _told(trial: Trial, directory: Directory) -> bool:
    """Print what a message became; tells whether it would be held."""
    typer.echo(f"  dialect   {trial.dialect}")
    for event in trial.events:
        typer.echo(f"  {_line(event, directory)}")
    if trial.passed_over:
        typer.echo(f"  no rows   {trial.passed_over}")
    if trial.images_removed:
        typer.echo(f"  images    {trial.images_removed} cut out")
    for answer in trial.answers:
        typer.echo(f"  answer    {answer.topic}  {answer.payload.decode('utf-8', 'backslashreplace')}")
    if trial.refused:
        typer.echo(f"  held      {trial.refused.reason}: {trial.refused.detail}")
    return trial.refused is not None


def _line(event: Event, directory: Directory) -> str:
    zone = directory.device(event.device_id).zone if directory.lists(event.device_id) else None
    at = "" if event.ts_us is None else _time(event.ts_us, zone)
    if isinstance(event, Reading):
        dial = f"{event.register:.6g} {_UNITS[event.kind]} of {event.kind}"
        return f"reading   {event.device_id}  {at}  {dial}{_vitals(event)}"
    if isinstance(event, DoorEvent):
        who = event.person_id or event.stranger_id or "nobody named"
        return f"door      {event.device_id}  {at}  {event.kind} by {event.method}, {event.direction}, {who}"
    if isinstance(event, Condition):
        return f"condition {event.device_id}  {at}{_vitals(event)}"
    return f"status    {event.device_id}  {at}  {'online' if event.online else 'offline'}"


def _vitals(event: Reading | Condition) -> str:
    battery = "" if event.battery is None else f"  battery {event.battery:g} %"
    return f"{battery}  {', '.join(event.flags)}" if event.flags else battery


def _time(ts_us: int, zone: tzinfo | None) -> str:
    return datetime.fromtimestamp(ts_us / 1e6, zone).astimezone(zone).isoformat(timespec="seconds")
