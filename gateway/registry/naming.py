"""Which file or sheet is which list."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.registry.faults import Fault
from gateway.registry.rows import ListName

# From here on a name is taken for a slip of the pen (unit, houshold, units2) and not for something else.
_ALIKE = 0.75


@dataclass(frozen=True, slots=True)
class Naming:
    """The lists by the title that holds each; titles that are none of them, and what is wrong with titles."""

    titles: Mapping[ListName, str]
    faults: tuple[Fault, ...]
    ignored: tuple[str, ...]


def name_lists(shown: Mapping[str, str], source: str) -> Naming:
    """Find the lists among titles; `shown` maps each title to the name that faults are reported under.

    Upper and lower case are the same. A title that is nearly a list's is a fault, for its rows would be missed.
    """
    titles: dict[ListName, str] = {}
    faults: list[Fault] = []
    ignored: list[str] = []
    for title in sorted(shown):
        name = title.strip().casefold()
        if name in set(ListName):
            taken = titles.setdefault(ListName(name), title)
            if taken != title:
                faults.append(Fault(shown[title], 0, "", f"is the same list as {shown[taken]}"))
        elif near := difflib.get_close_matches(name, list(ListName), n=1, cutoff=_ALIKE):
            faults.append(Fault(shown[title], 0, "", f"is none of the lists; did you mean {near[0]}?"))
        else:
            ignored.append(shown[title])
    if not titles:
        faults.append(Fault(source, 0, "", f"holds none of the lists ({', '.join(ListName)})"))
    return Naming(titles, tuple(faults), tuple(ignored))
