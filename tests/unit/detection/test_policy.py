import pytest

from detectors.policy import Policy
from gateway.detection.policy import read_rules
from gateway.errors import ConfigError


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "city.toml"

    def written(text):
        path.write_text(text, "utf-8")
        return path

    return written


def kinds(rules):
    return [str(one.kind) for one in rules.detectors]


def test_without_a_file_the_defaults_hold_and_every_detector_runs():
    rules = read_rules(None)
    assert rules.policy == Policy()
    assert kinds(rules) == ["vacancy", "sublet", "misuse", "leak", "care"]


def test_a_file_names_clocks_thresholds_and_who_runs(file):
    told = 'detectors = ["leak", "vacancy"]\nvacancy_clock_days = 20\nprior = 0.01\n'
    rules = read_rules(file(told + "water_l_by_size = [90, 170, 200, 250, 300]"))
    assert kinds(rules) == ["vacancy", "leak"]
    assert rules.policy == Policy(vacancy_clock_days=20, prior=0.01, water_l_by_size=(90.0, 170.0, 200.0, 250.0, 300.0))
    assert {one.policy for one in rules.detectors} == {rules.policy}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("vacancy_clok_days = 20", "vacancy_clok_days: is no field of the policy; meant: vacancy_clock_days?"),
        ("vacancy_clock_days = 20.5", "vacancy_clock_days: must be a whole number from 0 on, such as 25"),
        ('prior = "much"', "prior: must be a number from 0 on, such as 0.005"),
        ("prior = true", "prior: must be a number"),
        ("prior = 2", "prior must lie between 0 and 1"),
        ("explore_share = 1.5", "explore_share must lie between 0 and 1, not at 1.5"),
        ("water_l_by_size = [1, 2]", "must be 5 numbers"),
        ('detectors = ["vacancy", "ghosts"]', "detectors: must be a list of care, leak, misuse, sublet, vacancy"),
        ("prior =", "is not TOML"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(file, text, says):
    with pytest.raises(ConfigError) as caught:
        read_rules(file(text))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_city_may_explore_nothing(file):
    assert read_rules(file("explore_share = 0")).policy.explore_share == 0


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read"):
        read_rules(tmp_path / "none.toml")
