"""The hand-over between the client's thread and the worker's."""

import threading

from gateway.ingest import hand as hands
from gateway.ingest.batch import Receipt
from gateway.ingest.hand import Hand

TOPIC = "estate/v1/e1/meter/m1/reading"


def add(hand, count):
    for mid in range(count):
        hand.add(TOPIC, b"{}", Receipt(mid, 1, 1))


def test_a_full_batch_is_given_at_once_with_its_receipts():
    hand = Hand(batch_size=3, batch_age_s=60)
    add(hand, 3)
    batch = hand.take(timeout_s=5)
    assert [receipt.mid for receipt in batch.receipts] == [0, 1, 2]


def test_a_young_small_batch_is_not_given():
    hand = Hand(batch_size=3, batch_age_s=60)
    add(hand, 2)
    assert hand.take(timeout_s=0.02) is None


def test_an_old_batch_is_given_though_small():
    hand = Hand(batch_size=1000, batch_age_s=0.02)
    add(hand, 1)
    assert hand.take(timeout_s=5).messages == 1


def test_closing_gives_what_is_left():
    hand = Hand(batch_size=1000, batch_age_s=60)
    add(hand, 2)
    hand.close()
    assert hand.take(timeout_s=0).messages == 2
    assert hand.take(timeout_s=0) is None


def test_a_full_hand_makes_the_reader_wait(monkeypatch):
    monkeypatch.setattr(hands, "_HELD_MESSAGES", 2)
    hand = Hand(batch_size=2, batch_age_s=60)
    add(hand, 2)
    third = threading.Thread(target=add, args=(hand, 1))
    third.start()
    third.join(0.05)
    assert third.is_alive()
    assert hand.take(timeout_s=5).messages == 2
    third.join(5)
    assert not third.is_alive()
