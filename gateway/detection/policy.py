"""A city's policy: which detectors run, their clocks and thresholds, what explores, its words: one readable TOML file.

detectors = ["vacancy", "misuse", "leak"]   # absent: all
vacancy_clock_days = 30                     # docs/detectors.md explains every field
[words.zh-CN]
"kind.vacancy" = "疑似长期空置"              # any text of gateway/words
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeGuard

from detectors.findings import Explaining
from detectors.policy import Policy
from detectors.registry import default_detectors
from gateway.errors import ConfigError
from gateway.words.own import OwnWords, own_words, read_toml

_DEFAULT = Policy()


@dataclass(frozen=True, slots=True)
class Rules:
    """By what an authority has its units judged."""

    policy: Policy = _DEFAULT
    detectors: Sequence[Explaining] = field(default_factory=default_detectors)
    words: OwnWords = field(default_factory=dict)


def read_rules(path: Path | None) -> Rules:
    """The rules of a file; the defaults where there is none.

    Raises:
        ConfigError: it cannot be read, or a field is unknown or wrong.
    """
    if path is None:
        return Rules()
    told = read_toml(path)
    kinds, words = told.pop("detectors", None), own_words(path, told.pop("words", {}))
    policy = _policy(path, told)
    return Rules(policy, _chosen(path, default_detectors(policy), kinds), words)


def _policy(path: Path, told: dict[str, Any]) -> Policy:
    known = {one.name: getattr(_DEFAULT, one.name) for one in fields(Policy)}
    for name in told.keys() - known.keys():
        near = difflib.get_close_matches(name, known, 1)
        raise ConfigError(f"{path}: {name}", f"is no field of the policy{f'; meant: {near[0]}?' if near else ''}")
    given: dict[str, Any] = {name: _value(f"{path}: {name}", value, known[name]) for name, value in told.items()}
    try:
        return Policy(**given)
    except ValueError as error:
        raise ConfigError(str(path), str(error)) from error


def _value(name: str, value: object, default: object) -> object:
    """The value in the type of the default."""
    if isinstance(default, tuple):
        if not isinstance(value, list) or len(value) != len(default) or not all(map(_is_number, value)):
            raise ConfigError(name, f"must be {len(default)} numbers, such as {list(default)}")
        return tuple(float(one) for one in value)
    whole = isinstance(default, int)
    if not _is_number(value) or (whole and not isinstance(value, int)) or float(value) < 0:
        raise ConfigError(name, f"must be a {'whole number' if whole else 'number'} from 0 on, such as {default}")
    return value if whole else float(value)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _chosen(path: Path, detectors: Sequence[Explaining], kinds: object) -> tuple[Explaining, ...]:
    if kinds is None:
        return tuple(detectors)
    known = {str(one.kind) for one in detectors}
    if not isinstance(kinds, list) or not set(map(str, kinds)) <= known:
        raise ConfigError(f"{path}: detectors", f"must be a list of {', '.join(sorted(known))}")
    return tuple(one for one in detectors if one.kind in kinds)
