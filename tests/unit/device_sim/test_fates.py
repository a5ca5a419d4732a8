from collections import Counter

from device_sim.fates import MISUSE_SHARES, Fate, fate_of, rates


def counts(units: int, misuse_rate: float = 0.06, lookalikes: float = 1.0, own=()) -> Counter[Fate]:
    all_rates = rates(misuse_rate, lookalikes, own)
    return Counter(fate_of(1, all_rates, index) for index in range(units))


def test_two_hundred_units_have_their_share_of_cases():
    found = counts(200)
    misused = sum(found[fate] for fate in MISUSE_SHARES)
    assert 10 <= misused <= 14
    assert found[Fate.SUBLET] >= 2
    assert found[Fate.VACANCY] >= 3
    assert 20 <= 200 - found[Fate.NONE] - misused <= 34


def test_a_rate_of_ones_own_replaces_the_usual_one():
    found = counts(500, 0.0, 0.0, ((Fate.SUBLET, 2 / 500), (Fate.HOSPITAL, 0.02)))
    assert found == {Fate.SUBLET: 2, Fate.HOSPITAL: 10, Fate.NONE: 488}


def test_a_low_rate_is_kept_in_a_large_city():
    found = counts(10_000, 0.006)
    assert sum(found[fate] for fate in MISUSE_SHARES) in range(57, 64)


def test_no_misuse_is_possible():
    assert not any(counts(1000, 0.0)[fate] for fate in MISUSE_SHARES)


def test_every_fate_happens_in_a_city():
    assert set(counts(2000)) == set(Fate)
