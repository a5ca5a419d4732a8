"""A city's own words: texts of the catalogue that its policy file words differently.

[words.zh-CN]
"kind.vacancy" = "疑似长期空置"
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from gateway.errors import ConfigError
from gateway.words import LANGUAGES, catalogue, leaves

OwnWords = Mapping[str, Mapping[str, str]]
"""Texts by language and key."""


def read_own(path: Path | None) -> OwnWords:
    """The own words of a policy file; none where there is no file.

    Raises:
        ConfigError: it cannot be read, or names a language or text that there is not.
    """
    return {} if path is None else own_words(path, read_toml(path).get("words", {}))


def read_toml(path: Path) -> dict[str, Any]:
    """A policy file as it stands.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), "is not in UTF-8; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), f"is not TOML: {error}") from error


def own_words(path: Path, tables: object) -> OwnWords:
    """The `words` of a policy file, checked.

    Raises:
        ConfigError: no such language or text, no text at all, or a figure in it that is not given.
    """
    if not isinstance(tables, dict):
        raise ConfigError(f"{path}: words", f"must be tables, such as [words.{LANGUAGES[0]}]")
    return {language: _of_language(path, language, table) for language, table in tables.items()}


def _of_language(path: Path, language: str, table: object) -> dict[str, str]:
    if language not in LANGUAGES or not isinstance(table, dict):
        raise ConfigError(f"{path}: words.{language}", f"must be a table of one of {', '.join(LANGUAGES)}")
    texts = dict(leaves(table))
    for key, value in texts.items():
        _check(f"{path}: words.{language}: {key}", key, value)
    return texts


def _check(name: str, key: str, value: object) -> None:
    known = catalogue(LANGUAGES[0])
    if key not in known:
        near = difflib.get_close_matches(key, known, 1)
        raise ConfigError(name, f"is no text of the catalogue{f'; meant: {near[0]}?' if near else ''}")
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(name, "must be a text")
    given = {figure for language in LANGUAGES for figure in _figures(name, catalogue(language)[key])}
    if unknown := _figures(name, value) - given:
        allowed = ", ".join(f"{{{one}}}" for one in sorted(given)) or "none"
        raise ConfigError(name, f"has no figure {{{min(unknown)}}}; there is: {allowed}")


def _figures(name: str, text: str) -> set[str]:
    try:
        return {figure for _, figure, _, _ in Formatter().parse(text) if figure is not None}
    except ValueError as error:
        raise ConfigError(name, f"has a brace that is not closed or not opened: {error}") from error
