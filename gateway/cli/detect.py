"""`estate detect`: from daily figures to alerts, once or again and again."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from typing import Annotated

import typer

from gateway.cli import detect_model
from gateway.cli.detect_preview import preview_command
from gateway.detection.apart import run_apart
from gateway.detection.policy import Rules, read_rules
from gateway.detection.run import EstateRun, run
from gateway.detection.watch import Watch
from gateway.embedded import database_url
from gateway.settings import Settings, load
from gateway.store.database import connect
from gateway.store.migrate import check

app = typer.Typer(invoke_without_command=True)
app.add_typer(detect_model.app, name="model")
app.command("preview")(preview_command)


@app.callback()
def detect(
    context: typer.Context,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Last day judged; else the latest whole day."),
    ] = None,
    estate: Annotated[str | None, typer.Option(metavar="ID", help="Only this estate.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until stopped.")] = False,  # noqa: FBT002 - typer's flag
    processes: Annotated[int, typer.Option(min=1, max=64, help="So many estates at once; not with --watch.")] = 1,
) -> None:
    """Judge every unit and bring the alerts up to date. Running twice is running once."""
    if context.invoked_subcommand:
        return
    settings = load()
    rules = read_rules(settings.policy_file)
    with database_url(settings) as url:
        with connect(url) as conn:
            check(conn)
            if not watch:
                day = as_of.date() if as_of else None
                now = datetime.now(UTC)
                done = (
                    run_apart(url, processes, now=now, as_of=day, rules=rules)
                    if processes > 1 and not estate
                    else run(conn, now=now, as_of=day, estate_id=estate, detectors=rules.detectors, policy=rules.policy)
                )
                _print(done)
        if watch:
            _watch(settings, url, rules)


def _watch(settings: Settings, url: str, rules: Rules) -> None:
    worker = Watch(settings, url, rules)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()


def _print(runs: list[EstateRun]) -> None:
    if not runs:
        typer.echo("there are no estates yet; run: estate registry import PATH")
    for one in runs:
        if one.as_of is None:
            typer.echo(f"{one.estate_id}: nothing to judge yet")
            continue
        told = ", ".join(f"{count} {what}" for what, count in sorted(one.told.items())) or "nothing new"
        typer.echo(f"{one.estate_id}: {one.units} units as of {one.as_of}, {one.findings} findings: {told}")
