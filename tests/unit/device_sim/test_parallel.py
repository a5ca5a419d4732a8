import os

from device_sim.parallel import in_order, usable_processors


def with_process(number: int) -> tuple[int, int]:
    return number, os.getpid()


def test_results_come_in_order_from_several_processes():
    done = list(in_order(with_process, range(12), 2))
    assert [number for number, _ in done] == list(range(12))
    assert os.getpid() not in {process for _, process in done}


def test_things_are_asked_for_only_a_little_ahead():
    asked = []
    results = in_order(abs, (asked.append(number) or number for number in range(100)), 2)
    assert next(results) == 0
    assert len(asked) < 8
    results.close()


def test_one_process_is_this_one():
    assert list(in_order(with_process, [5], 1)) == [(5, os.getpid())]
    assert usable_processors() >= 1
