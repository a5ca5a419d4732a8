"""docs/registry.md is what a clerk works from, so it names every list, column, value and matter."""

import re
from pathlib import Path

import pytest

from gateway.events import DeviceKind
from gateway.registry.agreement.books import Matter
from gateway.registry.columns import SPECS
from gateway.registry.rows import Care, ListName, Role, Tenure

TEXT = (Path(__file__).parents[3] / "docs" / "registry.md").read_text("utf-8")


def rows(heading):
    (section,) = re.findall(rf"^###? {heading}.*?$(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL)
    return [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| ")][2:]


@pytest.mark.parametrize("name", ListName)
def test_every_column_is_explained_in_order(name):
    columns = [column for cell in rows(name) for column in re.findall(r"`(\w+)`", cell)]
    assert columns == list(SPECS[name].columns)


@pytest.mark.parametrize("value", [value for kinds in (Tenure, Care, Role, DeviceKind) for value in kinds if value])
def test_every_value_is_named(value):
    assert f"`{value}`" in TEXT


def test_every_matter_of_the_comparison_is_explained_in_order():
    assert rows("Where lists and reality") == [matter.value for matter in Matter]
