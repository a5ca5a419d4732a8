import numpy as np
import pytest
from unit.detectors.homes import arrays, home, panel_of


def test_until_cuts_the_future_off():
    panel = panel_of(home(), holidays=slice(80, 85))
    cut = panel.until(panel.days[59])
    assert cut.shape == (1, 60)
    assert cut.as_of == panel.days[59]
    assert not cut.holiday.any()
    np.testing.assert_array_equal(cut.water_l, panel.water_l[:, :60])


@pytest.mark.parametrize("day", ["2026-02-28", "2026-05-30"])
def test_until_knows_only_its_own_days(day):
    with pytest.raises(ValueError, match="is not a day of this panel"):
        panel_of(home()).until(np.datetime64(day))


def test_take_chooses_rows_of_everything_that_has_rows():
    panel = panel_of(home("a"), home("b", size=1).leak(3, 4), home("c"))
    taken = panel.take(np.array([2, 1]))
    alone = panel_of(home("c"), home("b", size=1).leak(3, 4))
    assert taken.unit_ids == ("c", "b")
    for name, values in arrays(taken).items():
        np.testing.assert_array_equal(values, getattr(alone, name), err_msg=name)
