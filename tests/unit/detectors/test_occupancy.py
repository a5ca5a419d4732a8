import numpy as np
import pytest
from unit.detectors.homes import home, panel_of

from detectors.occupancy import occupancy
from detectors.policy import Policy

SILENT = ("water", "electricity", "door")


@pytest.mark.parametrize(
    ("one", "state", "since"),
    [
        (home(), "occupied", "2026-03-01"),
        (home().away(1), "occupied", "2026-03-01"),
        (home().away(5), "away", "2026-05-25"),
        (home().away(26), "vacant", "2026-05-04"),
        (home().unleased(40).away(5), "vacant", "2026-05-25"),
        (home().unleased(40), "occupied", "2026-03-01"),
        (home().empty(slice(40, 80)), "occupied", "2026-05-20"),
        (home().without(*SILENT, when=slice(80, None)), "unknown", "NaT"),
        (home().without(*SILENT), "unknown", "NaT"),
    ],
)
def test_states(one, state, since):
    found = occupancy(panel_of(one))
    assert found.state == (state,)
    assert str(found.since[0]) == since


def test_a_street_keeps_its_order_and_the_policy_its_clock():
    found = occupancy(panel_of(home("a"), home("b").away(15), home("c").away(40)), Policy(vacancy_clock_days=20))
    assert found.state == ("occupied", "away", "vacant")
    assert found.since.dtype == np.dtype("datetime64[D]")
