"""Making a world and living in it, as the commands do: files, progress, an end at Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Coroutine
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.status import Status

from device_sim.broker import Broker
from device_sim.history import write_history
from device_sim.parallel import usable_processors
from device_sim.plan import Plan
from device_sim.publisher import Counts, Wishes, run_live
from device_sim.registry import write_registry
from device_sim.state import has_plan, load_dials, save_dials, save_plan
from device_sim.switches import Board
from device_sim.tasks import together
from device_sim.truth import write_truth
from device_sim.world import build_world

_WORTH_PROCESSES = 20_000
"""Unit days; with fewer, starting processes takes longer than they save."""
_TOLD_EVERY_S = 1.0


def is_there(folder: Path) -> bool:
    """A world was made in this folder."""
    return has_plan(folder)


def make(plan: Plan, out: Path, processes: int, console: Console) -> None:
    """Write a world's lists, history, truth and state."""
    processes = processes or (usable_processors() if plan.units * plan.days > _WORTH_PROCESSES else 1)
    world = build_world(plan)
    write_registry(out / "registry", world)
    write_truth(out / "truth", world.truth)
    with Progress(console=console) as progress:
        task = progress.add_task("simulating", total=len(world.entrances))
        written = write_history(out / "history", world, lambda _: progress.advance(task), processes)
    save_dials(out, written.dials)
    save_plan(out, plan)
    console.print(_summary(plan, out), f"{written.readings} readings, {written.events} door events")


def live(folder: Path, plan: Plan, broker: Broker, wishes: Wishes, console: Console) -> None:
    """Go on with a world until Ctrl-C or SIGTERM."""
    counts = Counts()
    wishes = replace(wishes, dials=load_dials(folder), board=Board(folder))
    console.print(f"live: {plan.units} units to {broker.host}:{broker.port}; Ctrl-C stops")
    with console.status("starting") as status:
        lives = run_live(build_world(plan), broker, console.print, counts, wishes)
        telling = _tell(folder, counts, status)
        asyncio.run(_until_told(together((lives, telling), cancel_again_s=10)))
    console.print(f"{counts.sent} messages sent, {counts.reconnects} reconnects")


async def _tell(folder: Path, counts: Counts, status: Status) -> None:
    """Say once a second how far it is, on the screen and in a file for `tui`."""
    path = folder / "sim" / "counts.json"
    while True:
        status.update(
            f"{counts.connected} entrances connected, {counts.sent} messages sent, {counts.reconnects} reconnects"
        )
        await asyncio.to_thread(path.write_text, json.dumps(asdict(counts)) + "\n", "utf-8")
        await asyncio.sleep(_TOLD_EVERY_S)


async def _until_told(work: Coroutine[object, object, None]) -> None:
    """Run until Ctrl-C or SIGTERM, then let it say goodbye."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for told in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(told, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _summary(plan: Plan, out: Path) -> str:
    begins = datetime.fromtimestamp(plan.end.timestamp() - plan.days * 86_400, plan.end.tzinfo)
    return f"{out}: {plan.units} units, {begins:%Y-%m-%d %H:%M} to {plan.end:%Y-%m-%d %H:%M},"
