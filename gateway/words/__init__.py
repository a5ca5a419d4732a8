"""All texts that people read, in Chinese and English. A key is `section.name`, as in `kind.vacancy`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("zh-CN", "en")


def text(language: str, key: str, /, **figures: str | float) -> str:
    """The text of `key` with its figures put in.

    Raises:
        KeyError: there is no such text.
    """
    return texts(language)[key].format(**figures)


def text_or(language: str, key: str, other: str) -> str:
    """The text of `key`, or `other` where there is none: for codes that come from the store or from people."""
    return texts(language).get(key, other)


def section(language: str, name: str) -> dict[str, str]:
    """The texts under `name` by what follows it, not yet filled in. Empty where there is no such section."""
    start = f"{name}."
    return {key.removeprefix(start): value for key, value in texts(language).items() if key.startswith(start)}


@cache
def texts(language: str) -> Mapping[str, str]:
    """Every text of one of `LANGUAGES` by its key."""
    tree = tomllib.loads(files("gateway.words").joinpath(f"{language}.toml").read_text("utf-8"))
    return dict(_leaves(tree, ""))


def _leaves(tree: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        key = f"{path}{name}"
        if isinstance(value, dict):
            yield from _leaves(value, f"{key}.")
        else:
            yield key, value
