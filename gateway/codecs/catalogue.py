"""The dialects that there are: those of this package, and those that other packages offer by entry points."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from gateway.codecs import (
    chirpstack,
    cjt188,
    dlt645,
    facesluice,
    hikvision,
    native,
    plain,
    serial,
    shelly,
    sparkplug,
    tasmota,
    tts,
    wmbusmeters,
    zigbee2mqtt,
)
from gateway.codecs.dialect import Dialect

GROUP = "estate_gateway.dialects"
_OWN = (
    native,
    facesluice,
    hikvision,
    dlt645,
    cjt188,
    serial,
    sparkplug,
    zigbee2mqtt,
    plain,
    tasmota,
    chirpstack,
    tts,
    wmbusmeters,
    shelly,  # last: its usual topics are the widest
)


@cache
def dialects() -> Mapping[str, Dialect]:
    """Every dialect by its name.

    Raises:
        ValueError: an entry point cannot be loaded, gives no `Dialect`, or its dialect has a name that is taken.
    """
    found = {module.DIALECT.name: module.DIALECT for module in _OWN}
    for point in entry_points(group=GROUP):
        dialect = _load(point)
        if dialect.name in found:
            raise ValueError(f"entry point {point.value} of {GROUP}: there is a dialect {dialect.name} already")
        found[dialect.name] = dialect
    return found


def _load(point: EntryPoint) -> Dialect:
    try:
        dialect = point.load()
    except (ImportError, AttributeError) as error:
        raise ValueError(f"entry point {point.value} of {GROUP} cannot be loaded: {error}") from error
    if not isinstance(dialect, Dialect):
        raise ValueError(f"entry point {point.value} of {GROUP} is no Dialect")  # noqa: TRY004 - a user's packages, not a type
    return dialect
