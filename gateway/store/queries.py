"""Named queries from `store/sql/*.sql`: `-- name: list_units` begins one, the next name or the end closes it."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import LiteralString, cast

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


@cache
def queries(room: str) -> dict[str, LiteralString]:
    """All queries of `store/sql/{room}.sql` by name.

    They are shipped with the package and never built from input, which is what `LiteralString` promises.
    """
    text = files("gateway.store").joinpath("sql", f"{room}.sql").read_text("utf-8")
    parts = _NAME.split(text)
    return {name: cast("LiteralString", body.strip()) for name, body in zip(parts[1::2], parts[2::2], strict=True)}
