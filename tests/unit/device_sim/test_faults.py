from collections import Counter
from random import Random

import pytest

from device_sim.dialects.speaker import Say
from device_sim.faults import Faults, is_cut
from device_sim.switches import Board, Levers, Switches

SAYS = [Say("t", b'{"number": %d}' % number) for number in range(500)]


def published(**switches) -> list[Say]:
    board = Board(None, Levers(Switches(**switches)))
    faults = Faults(board, Random(1))
    return [said for say in SAYS for said in faults.on(say)]


def test_without_faults_messages_pass_as_they_are():
    assert published() == SAYS


def test_repeats_are_the_same_message_again():
    counts = Counter(published(duplicates=0.2))
    assert set(counts) == set(SAYS)
    assert sum(count == 2 for count in counts.values()) == pytest.approx(100, abs=30)


def test_what_is_held_back_comes_later_and_is_not_lost():
    said = published(disorder=0.1)
    assert said != SAYS
    assert len(SAYS) - len(set(said)) <= 3  # the last may still wait
    assert max(abs(SAYS.index(say) - place) for place, say in enumerate(said)) < 20


def test_spoilt_messages_are_of_the_same_topic_and_others_than_meant():
    said = published(corruption=0.1)
    spoilt = [one for one, meant in zip(said, SAYS, strict=True) if one != meant]
    assert len(spoilt) == pytest.approx(50, abs=20)
    assert {say.topic for say in spoilt} == {"t"}


def test_what_is_retained_is_never_spoilt():
    say = Say("status", b"x", retain=True)
    faults = Faults(Board(None, Levers(Switches(corruption=1, duplicates=1, disorder=1))), Random(1))
    assert faults.on(say) == [say]


def test_a_cut_takes_its_share_of_the_entrances_and_always_the_same():
    names = [f"dc-{number}" for number in range(400)]
    some = {name for name in names if is_cut(0.3, name)}
    assert len(some) == pytest.approx(120, abs=40)
    assert some <= {name for name in names if is_cut(0.5, name)}
    assert all(is_cut(1.0, name) for name in names)
    assert not any(is_cut(0.0, name) for name in names)
