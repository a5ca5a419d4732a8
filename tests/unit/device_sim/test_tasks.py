import asyncio

import pytest

from device_sim.tasks import together


async def for_ever(ended: list[str]) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        ended.append("ended")


async def deaf(ended: list[str]) -> None:
    """Hears only the second cancellation."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        await for_ever(ended)


async def fails() -> None:
    raise LookupError("broken")


async def test_what_fails_ends_the_others_and_is_raised():
    ended = []
    with pytest.raises(LookupError, match="broken"):
        await together((for_ever(ended), fails(), deaf(ended)), cancel_again_s=0.05)
    assert len(ended) == 2


async def test_a_cancellation_ends_all_and_goes_on():
    ended = []
    task = asyncio.create_task(together((for_ever(ended), deaf(ended)), cancel_again_s=0.05))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(ended) == 2
