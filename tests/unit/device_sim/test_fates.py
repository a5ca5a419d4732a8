from collections import Counter

from device_sim.fates import MISUSE_SHARES, Fate, fate_of


def counts(units: int, misuse_rate: float = 0.06) -> Counter[Fate]:
    return Counter(fate_of(1, misuse_rate, index) for index in range(units))


def test_two_hundred_units_have_four_sublets_four_vacancies_two_leaks_two_squattings():
    found = counts(200)
    assert [found[fate] for fate in MISUSE_SHARES] == [4, 4, 2, 2]
    honest = 200 - found[Fate.NONE] - sum(found[fate] for fate in MISUSE_SHARES)
    assert 20 <= honest <= 30


def test_a_low_rate_is_kept_in_a_large_city():
    found = counts(10_000, 0.006)
    assert sum(found[fate] for fate in MISUSE_SHARES) in range(57, 64)


def test_no_misuse_is_possible():
    assert not any(counts(1000, 0.0)[fate] for fate in MISUSE_SHARES)


def test_every_fate_happens_in_a_city():
    assert set(counts(2000)) == set(Fate)
