import numpy as np
import pytest

from detectors import stats

NAN = np.nan


def rows(*values):
    return np.array(values, np.float32)


def test_quantile_is_the_lower_one_of_the_known_values():
    values = rows([5, NAN, 1, 3], [NAN, NAN, NAN, NAN], [7, 7, 7, 9])
    everywhere = np.ones(values.shape, bool)
    np.testing.assert_array_equal(stats.quantile(values, everywhere, 0.5), rows(3, NAN, 7))
    np.testing.assert_array_equal(stats.quantile(values, everywhere, 0.0), rows(1, NAN, 7))
    np.testing.assert_array_equal(stats.quantile(values, everywhere, 1.0), rows(5, NAN, 9))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_quantile_agrees_with_numpy(share):
    values = np.random.default_rng(1).normal(size=(20, 31)).astype(np.float32)
    ours = stats.quantile(values, np.ones(values.shape, bool), share)
    np.testing.assert_array_equal(ours, np.quantile(values, share, axis=1, method="lower"))


def test_mean_of_the_chosen_known_days():
    values = rows([1, NAN, 4, 100])
    chosen = np.array([[True, True, True, False]])
    assert stats.mean(values, chosen)[0] == 2.5
    assert np.isnan(stats.mean(values, ~chosen & np.isnan(values))[0])


def test_ratio_has_no_answer_over_nothing():
    np.testing.assert_array_equal(stats.ratio(rows(1, 1, 1, NAN), rows(2, 0, NAN, 1)), rows(0.5, NAN, NAN, NAN))


def test_trailing_sum_looks_back_and_begins_with_what_there_is():
    np.testing.assert_array_equal(stats.trailing_sum(rows([1, 2, 3, 4]), 3), rows([1, 3, 6, 9]))
    np.testing.assert_array_equal(stats.trailing_sum(rows([1, 2]), 7), rows([1, 3]))


def test_spread_is_deviation_over_mean_of_whole_windows():
    values = rows([10, 10, 10, 16, NAN, 5])
    found = stats.spread(values, 3)
    np.testing.assert_allclose(found[0, 2], 0, atol=1e-6)
    np.testing.assert_allclose(found[0, 3], np.std([10, 10, 16]) / 12, rtol=1e-5)
    assert np.isnan(found[0, [0, 1, 4, 5]]).all()


def test_spread_back_marks_the_whole_window():
    mask = np.array([[False, False, False, True, False]])
    np.testing.assert_array_equal(stats.spread_back(mask, 3), [[False, True, True, True, False]])


def test_first_and_last_true_and_what_follows():
    mask = np.array([[False, True, False, True], [False] * 4])
    np.testing.assert_array_equal(stats.first_true(mask), [1, 4])
    np.testing.assert_array_equal(stats.last_true(mask), [3, -1])
    np.testing.assert_array_equal(stats.from_index(np.array([2, 4]), 4), [[False, False, True, True], [False] * 4])
