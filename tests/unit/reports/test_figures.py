import pytest
from unit.reports.made import BUSY, NOTHING, estate

from gateway.reports.figures import share, total


def test_homes_and_what_stands_empty():
    housing = estate().housing
    assert (housing.units, housing.leased, housing.vacancy_rate) == (100, 80, 0.15)
    assert (housing.suspected_vacant, housing.suspected_rate) == (4, 0.05)


def test_every_kind_and_level_has_a_line_red_first():
    alerts = estate().alerts
    assert len(alerts) == 12
    red = next(row for row in alerts if row.kind == "sublet")
    assert (red.level, red.opened, red.confirmed, red.dismissed, red.live) == ("red", 3, 1, 0, 2)


def test_the_hit_rate_is_of_visits_made():
    visits = estate().visits
    assert (visits.planned, visits.done, visits.hits, visits.hit_rate) == (10, 8, 3, 3 / 8)
    assert visits.by_outcome["refused"] == 0


def test_cases_show_every_state_but_closed():
    cases = estate().cases
    assert cases.live["rectification_ordered"] == 2
    assert "closed" not in cases.live
    assert len(cases.live) == 7


def test_coverage_is_what_is_known_of_all_device_days():
    devices = estate().devices
    assert devices.coverage == {"water": 0.5, "electricity": None, "door": 1.0}
    assert (devices.total, devices.unheard, devices.ailing) == (104, 3, 2)


def test_nothing_has_no_share():
    empty = estate(NOTHING)
    assert empty.housing.vacancy_rate is None
    assert empty.visits.hit_rate is None
    assert share(1, 0) is None


def test_totals_add_up_estates():
    sums = total([estate(), estate(BUSY), estate(NOTHING)])
    assert (sums["units"], sums["to_let"], sums["hits"], sums["cases_live"]) == (200, 30, 6, 6)
    assert sums["alerts_opened"] == pytest.approx(8)
