"""`estate demo`: everything on this machine with nothing else installed."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from gateway.bind import check_accounts, check_bind, console_address, without_password
from gateway.demo import console, programs, record, removal
from gateway.demo.record import Record, Wish
from gateway.embedded import broker_url, database_url
from gateway.embedded.home import sole_gateway
from gateway.embedded.kept import last_line
from gateway.errors import StepFailedError, StoppedError
from gateway.settings import Settings, load
from gateway.signals import StopSignals
from gateway.store.database import connect
from gateway.store.migrate import migrate
from gateway.store.queries import queries
from gateway.store.retention import set_policies
from gateway.supervisor import Part, Supervisor, gateway_parts

app = typer.Typer()
T = TypeVar("T")
_SQL = queries("demo")
_READY_S = 60.0


@app.command("demo")
def demo_command(
    *,
    units: Annotated[int | None, typer.Option(min=1, help="homes of the simulated estate; default 200")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="days of its past; default 60")] = None,
    seed: Annotated[int | None, typer.Option(help="another seed, other households; default 3")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="port of the console; default 8080")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="begin anew: remove what an earlier demo made")] = False,
) -> None:
    """Show everything on this machine: a simulated estate with its past, live devices, detection and the console.

    A second start goes on with the same data. Ctrl-C stops everything. Broker and database are embedded, under
    ESTATE_HOME, unless ESTATE_MQTT_URL or ESTATE_DATABASE_URL name others.
    """
    settings = load()
    if port is not None:
        settings = settings.model_copy(update={"http_port": port})
    check_bind(settings)
    with StopSignals() as signals, sole_gateway(settings.home):
        Demo(settings, signals, Console(highlight=False)).run(Wish(units, days, seed), begin_anew=fresh)


class Demo:
    """One run of the demonstration."""

    def __init__(self, settings: Settings, signals: StopSignals, screen: Console) -> None:
        self._settings = settings
        self._signals = signals
        self._screen = screen
        self._folder = settings.home / record.FOLDER
        self._logs = self._folder / "log"

    def run(self, wish: Wish, *, begin_anew: bool) -> None:
        """Set up what is not there yet, then run until asked to stop."""
        settings = self._settings
        if begin_anew:
            removal.remove(settings)
        made = record.choose(record.load(settings.home), wish)
        self._logs.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            database = self._step("database", lambda: stack.enter_context(database_url(settings)), without_password)
            made = self._claim(made, database)
            broker = self._step("broker", lambda: stack.enter_context(broker_url(settings)), without_password)
            self._set_up(made, database, broker)
            self._live(database, broker)

    def _claim(self, made: Record, database: str) -> Record:
        with connect(database) as conn:
            migrate(conn)
            check_accounts(self._settings, conn)
            set_policies(conn, self._settings)
            row = conn.execute(_SQL["any_estate"]).fetchone()
        name = without_password(self._settings.database_url) if self._settings.database_url else "embedded"
        made = made.for_database(name, filled=bool(row and row[0]))
        record.save(self._settings.home, made)
        return made

    def _set_up(self, made: Record, database: str, broker: str) -> None:
        environment = {"ESTATE_DATABASE_URL": database, "ESTATE_MQTT_URL": broker}
        about = {"world": f"{made.units} units, {made.days} days, seed {made.seed}", "registry": "lists loaded"}
        for name, words in self._steps(made).items():
            if name in made.done:
                self._say(name, "there already")
                continue
            module = "device_sim" if name == "world" else "gateway"
            part = programs.python(name, module, *words, environment=environment, logs=self._logs)
            self._step(name, partial(programs.run, part, self._signals), partial(_known, about.get(name)))
            if name != "visits":  # each day has a list of its own
                made = made.with_done(name)
                record.save(self._settings.home, made)

    def _steps(self, made: Record) -> dict[str, tuple[str, ...]]:
        world = self._folder / "world"
        plan = ("--units", str(made.units), "--days", str(made.days), "--seed", str(made.seed))
        return {
            "world": ("history", "--out", str(world), *plan),
            "registry": ("registry", "import", str(world / "registry")),
            "history": ("history", "import", str(world / "history")),
            "detection": ("detect",),
            "visits": ("visits", "plan"),
        }

    def _live(self, database: str, broker: str) -> None:
        settings = self._settings
        parts = (self._devices(broker), *gateway_parts(settings, database, broker, self._logs))
        with Supervisor(parts, self._signals) as supervisor:
            self._step("console", lambda: self._await_console(supervisor), str)
            if not self._signals.asked:
                self._screen.print(f"\n{console_address(settings)}  (Ctrl-C stops everything; the data stay)")
            supervisor.watch()
            self._screen.print("stopping …")

    def _devices(self, broker: str) -> Part:
        words = ("live", "--world", str(self._folder / "world"))
        environment = {"ESTATE_MQTT_URL": broker}
        return programs.python("sim", "device_sim", *words, environment=environment, logs=self._logs)

    def _await_console(self, supervisor: Supervisor) -> str:
        deadline = time.monotonic() + _READY_S
        supervisor.watch(until=lambda: time.monotonic() > deadline or console.is_ready(self._settings))
        if time.monotonic() > deadline:
            log = self._logs / "serve.log"
            raise StepFailedError(
                f"the console is not ready after {_READY_S:.0f} s: {last_line(log)}; its log is {log}"
            )
        return console.alerts(self._settings)

    def _step(self, name: str, action: Callable[[], T], describe: Callable[[T], str]) -> T:
        began = time.monotonic()
        with self._screen.status(f"{name} …"):
            result = action()
        if self._signals.asked:
            raise StoppedError
        self._say(name, describe(result), time.monotonic() - began)
        return result

    def _say(self, name: str, what: str, seconds: float | None = None) -> None:
        took = "" if seconds is None else f"  [dim]{seconds:.1f} s[/]"
        self._screen.print(f"{name:<10} {what}{took}", soft_wrap=True)


def _known(known: str | None, said: str) -> str:
    return known or said
