from gateway.accounts.throttle import WINDOW_S, Throttle


def test_so_many_failures_of_a_name_have_to_wait_until_the_first_is_old():
    throttle = Throttle(by_name=3, by_address=99)
    for second in range(3):
        assert throttle.wait_s("li", "a", second) == 0
        throttle.failed("li", f"a{second}", second)
    assert throttle.wait_s("li", "elsewhere", 10) == WINDOW_S - 10
    assert throttle.wait_s("wang", "elsewhere", 10) == 0
    assert throttle.wait_s("li", "elsewhere", WINDOW_S) == 0


def test_an_address_that_tries_many_names_waits_too():
    throttle = Throttle(by_name=3, by_address=4)
    for number in range(4):
        throttle.failed(f"name{number}", "a", 0)
    assert throttle.wait_s("another", "a", 1) > 0
    assert throttle.wait_s("another", "b", 1) == 0


def test_a_login_that_works_clears_its_name_and_not_its_address():
    throttle = Throttle(by_name=2, by_address=2)
    for _ in range(2):
        throttle.failed("li", "a", 0)
    throttle.succeeded("li")
    assert throttle.wait_s("li", "b", 1) == 0
    assert throttle.wait_s("li", "a", 1) > 0


def test_old_failures_take_no_room(monkeypatch):
    monkeypatch.setattr("gateway.accounts.throttle._MOST_KEYS", 10)
    throttle = Throttle()
    for number in range(100):
        throttle.failed(f"n{number}", f"a{number}", number * WINDOW_S)
    assert len(throttle._failures) <= 12
