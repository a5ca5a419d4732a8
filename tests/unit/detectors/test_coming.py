"""A panel that goes on as it is, and what may happen on its coming days."""

import numpy as np
from unit.detectors.homes import STANDBY_KWH, arrays, home, nothing_known, panel_of

from detectors import coming
from detectors.policy import Policy
from detectors.presence import CLEAR, presence

POLICY = Policy()


def last(panel, number):
    mask = np.zeros(panel.shape, bool)
    mask[:, -number:] = True
    return mask


def test_coming_days_are_like_the_last_typical_ones_in_turn_and_lists_stay():
    panel = panel_of(home().set(slice(80, None), declared_absence=True), holidays=slice(85, None))
    typical = np.zeros(panel.shape, bool)
    typical[0, [50, 60, 70]] = True
    longer = coming.go_on(panel, typical, 4)
    assert longer.days[-1] == panel.days[-1] + 4
    np.testing.assert_array_equal(longer.water_l[0, 90:], panel.water_l[0, [50, 60, 70, 50]])
    assert longer.declared_absence[0, 90:].all()
    assert longer.leased[0, 90:].all()
    assert longer.days_since_lease_start[0, 90:].tolist() == [490, 491, 492, 493]
    assert not longer.holiday[90:].any()
    for name, values in arrays(panel).items():
        whole = getattr(longer, name)
        np.testing.assert_array_equal(whole[..., :90] if whole.shape[-1] == 94 else whole, values, err_msg=name)


def test_where_no_day_is_typical_the_last_one_goes_on():
    panel = panel_of(home().away(5))
    longer = coming.go_on(panel, np.zeros(panel.shape, bool), 3)
    np.testing.assert_array_equal(longer.electricity_kwh[0, 90:], np.repeat(panel.electricity_kwh[0, -1], 3))


def test_a_lived_in_day_is_like_one_that_all_meters_called_so():
    """In their last weeks they used so little electricity that many a day was unclear by it, and clear by water."""
    faint = home().without("door")
    for name, hours in (("electricity_kwh", 24), ("electricity_max_hour_kwh", 1), ("electricity_evening_kwh", 6)):
        standby = STANDBY_KWH * hours
        faint.rows[name][50:65] = standby + 0.4 * (faint.rows[name][50:65] - standby)
    panel = panel_of(faint.away(25))
    before, changed = presence(panel, POLICY), coming.lived_in(panel, last(panel, 14), POLICY)
    clear = before.electricity[0] >= CLEAR
    assert (before.present[0, 50:65] & ~clear[50:65]).sum() > 3
    assert set(changed.electricity_kwh[0, -14:]) <= set(panel.electricity_kwh[0, clear])


def test_a_home_that_never_was_lived_in_is_as_the_policy_has_it():
    panel = panel_of(home().moved_in(40).away(41))
    changed = coming.lived_in(panel, last(panel, 2), POLICY)
    assert presence(changed, POLICY).present[0, -2:].all()


def test_what_is_not_heard_stays_unheard():
    panel = nothing_known(panel_of(home()))
    days = last(panel, 3)
    for after in (
        coming.lived_in(panel, days, POLICY),
        coming.empty(panel, days),
        coming.registered_at_door(panel, days),
        coming.visited(panel, days),
        coming.no_strangers(panel, days),
        coming.least_hour(panel, days, 2.0),
        coming.water(panel, days, np.full((1, 1), 10, np.float32)),
    ):
        for name, values in arrays(panel).items():
            np.testing.assert_array_equal(getattr(after, name), values, err_msg=name)


def test_strangers_who_are_listed_become_visitors():
    panel = panel_of(home().strangers(range(80, 90), 2).set(slice(80, 90), unnamed_face_passages=1))
    changed = coming.no_strangers(panel, last(panel, 4))
    assert changed.unnamed_face_passages[0, -5:].tolist() == [1, 0, 0, 0, 0]
    assert changed.strangers[0, -5:].tolist() == [2, 0, 0, 0, 0]
    assert changed.visitor_passages[0, -5:].tolist() == [0, 4, 4, 4, 4]


def test_a_lease_begins_with_its_first_day():
    panel = panel_of(home().unleased(40))
    changed = coming.leased(panel, last(panel, 3))
    assert changed.days_since_lease_start[0, -4:].tolist()[1:] == [0, 1, 2]
    assert np.isnan(changed.days_since_lease_start[0, -4])
    assert not coming.unleased(changed, last(panel, 2)).leased[0, -2:].any()


def test_units_of_several_panels_lie_beside_each_other():
    """Also a unit in several ways: each keeps an id of its own and its own figures."""
    one, two = panel_of(home("u1").away(5), home("u2")), panel_of(home("u1"))
    both = coming.beside([one, two])
    assert both.unit_ids == ("u1/0", "u2/1", "u1/2")
    parts = both.take(np.arange(2)), both.take(np.array([2]))
    for part, panel in zip(parts, (one, two), strict=True):
        for name, values in arrays(panel).items():
            np.testing.assert_array_equal(getattr(part, name), values, err_msg=name)
