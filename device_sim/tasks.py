"""Work done side by side, ended for certain.

`asyncio.TaskGroup` would be enough but for two faults of Python 3.11: `wait_for`, in which the MQTT client waits,
loses a cancellation that arrives together with its result, and a group counts the cancellation of its own parent twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Sequence


async def together(works: Iterable[Coroutine[None, None, None]], *, cancel_again_s: float) -> None:
    """Run until one of the works ends or fails, or until cancelled; then end all and raise what failed first.

    `cancel_again_s` must be longer than what the works do when they are cancelled.
    """
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _end(tasks, cancel_again_s)
    failures = [task.exception() for task in tasks if not task.cancelled()]
    for failure in failures:
        if failure:
            raise failure


async def _end(tasks: Sequence[asyncio.Future[None]], cancel_again_s: float) -> None:
    """Cancel until every task has heard it."""
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=cancel_again_s)
