"""How long a server that ended is started again."""

from types import SimpleNamespace

import pytest

from gateway.embedded import keeper
from gateway.embedded.keeper import Job, Keeper


@pytest.fixture
def kept(monkeypatch):
    """Plays servers that end as told, the last one when its users have left; returns how many were started."""
    monkeypatch.setattr(keeper, "_PAUSE_S", 0.0)

    def play(*codes):
        made = Keeper(Job([], {}, "", "", "", 0, None, None))
        started = []

        def start(_lock):
            started.append(codes[len(started)])
            if len(started) == len(codes):
                made._stopping.set()
            return SimpleNamespace(wait=lambda: started[-1], send_signal=lambda _number: None)

        made._start = start
        made._keep(0)
        return len(started)

    return play


def test_one_that_never_was_right_is_given_up(kept):
    assert kept(1, 1, 1) == 1


def test_one_that_was_killed_is_tried_for_as_long_as_its_former_children_hold_what_it_needs(kept):
    codes = (-9, *[1] * 100, 0)
    assert kept(*codes) == len(codes)
