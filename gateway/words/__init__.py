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
    """Every text of one of `LANGUAGES` by its key, a city's own words in their place."""
    return {**catalogue(language), **_OWN.get(language, {})}


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """The texts of one of `LANGUAGES` as they come with this version."""
    tree = tomllib.loads(files("gateway.words").joinpath(f"{language}.toml").read_text("utf-8"))
    return dict(leaves(tree))


def use(own: Mapping[str, Mapping[str, str]]) -> None:
    """Let a city's own words (`gateway.words.own`) stand in place of the catalogue's, in this process."""
    _OWN.clear()
    _OWN.update(own)
    texts.cache_clear()


_OWN: dict[str, Mapping[str, str]] = {}


def leaves(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Keys and texts of nested tables."""
    for name, value in tree.items():
        key = f"{path}{name}"
        if isinstance(value, dict):
            yield from leaves(value, f"{key}.")
        else:
            yield key, value
