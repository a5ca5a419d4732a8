import numpy as np
from unit.detectors.homes import home, panel_of

from detectors.tenancy import days_unleased, lease_age_days, tenancy


def test_the_whole_panel_belongs_to_an_old_lease():
    panel = panel_of(home())
    assert tenancy(panel).all()
    assert lease_age_days(panel)[0] == 489
    assert days_unleased(panel)[0] == 0


def test_only_the_days_since_moving_in():
    panel = panel_of(home().moved_in(29))
    assert np.flatnonzero(tenancy(panel)[0])[0] == 60
    assert lease_age_days(panel)[0] == 29


def test_a_lease_that_followed_another_without_a_gap():
    panel = panel_of(home().set(slice(60, None), days_since_lease_start=np.arange(30)))
    assert np.flatnonzero(tenancy(panel)[0])[0] == 60


def test_a_lease_of_unknown_age_is_old():
    panel = panel_of(home().set(slice(None), days_since_lease_start=np.nan))
    assert tenancy(panel).all()
    assert np.isinf(lease_age_days(panel)[0])


def test_without_a_lease_the_days_since_the_last():
    panel = panel_of(home().unleased(20))
    assert np.flatnonzero(tenancy(panel)[0])[0] == 70
    assert np.isnan(lease_age_days(panel)[0])
    assert days_unleased(panel)[0] == 20
    assert days_unleased(panel_of(home().unleased(90)))[0] == 90
