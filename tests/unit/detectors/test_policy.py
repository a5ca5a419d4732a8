import ast
import re
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import pytest

import detectors.policy
from detectors.policy import Policy


@pytest.mark.parametrize(
    "wrong",
    [
        {"prior": 0.0},
        {"prior": 1.0},
        {"yellow_probability": 0.0},
        {"red_probability": 1.0},
        {"yellow_probability": 0.95},
    ],
)
def test_impossible_policies_are_refused(wrong):
    with pytest.raises(ValueError, match=r"prior|probability"):
        Policy(**wrong)


def test_every_default_says_what_it_means_and_where_it_comes_from():
    tree = ast.parse(Path(detectors.policy.__file__).read_text("utf-8"))
    body = next(node for node in tree.body if isinstance(node, ast.ClassDef)).body
    said = {
        node.target.id: after.value.value
        for node, after in pairwise(body)
        if isinstance(node, ast.AnnAssign) and isinstance(after, ast.Expr)
    }
    assert set(said) == {one.name for one in fields(Policy)}
    unsourced = [name for name, text in said.items() if not any(word in text for word in SOURCES)]
    assert unsourced == []


SOURCES = ("Alicante", "ResidentialEnergyConsumption", "field:", "judgement", "literature")


def test_the_documentation_has_every_default():
    text = (Path(detectors.policy.__file__).parents[1] / "docs" / "detectors.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d., ]+) \|", text, re.MULTILINE))
    told = {name: tuple(float(one) for one in values.split(",")) for name, values in rows.items()}
    assert told == {one.name: as_tuple(getattr(Policy(), one.name)) for one in fields(Policy)}


def as_tuple(value):
    return value if isinstance(value, tuple) else (value,)
