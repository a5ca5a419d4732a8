"""Ways in which a judge could write the same homes down."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Form:
    """How a world is written down; the homes are the same whatever it says."""

    pseudonyms: bool = True
    directions: bool = True
    similarity: bool = True
    every_min: int = 60
    channels: tuple[str, ...] = ("water", "electricity", "door")
    hosts: str = "credential"  # which shared-door events name a unit: never, credential, always
    locks: float = 0.15  # share of units with a lock of their own
    litres: bool = False
    bare: bool = False
    odd_names: bool = False
    clock: str = "offset"  # offset, utc, epoch
    steps: tuple[int, int] = (1, 1)  # of a dial: litres, Wh
    lost: float = 0.005


VARIANTS: dict[str, dict[str, object]] = {
    "no_pseudonyms": {"pseudonyms": False},
    "no_directions": {"directions": False},
    "no_similarity": {"similarity": False},
    "quarter_hours": {"every_min": 15},
    "four_hours": {"every_min": 240},
    "daily": {"every_min": 1440},
    "water_only": {"channels": ("water",)},
    "electricity_only": {"channels": ("electricity",)},
    "meters_only": {"channels": ("water", "electricity")},
    "doors_only": {"channels": ("door",)},
    "no_hosts": {"hosts": "never", "locks": 0.0},
    "all_hosts": {"hosts": "always"},
    "all_locks": {"locks": 1.0},
    "litres": {"litres": True},
    "bare_lists": {"bare": True},
    "odd_names": {"odd_names": True},
    "utc": {"clock": "utc"},
    "epoch": {"clock": "epoch"},
    "coarse_dials": {"steps": (10, 100)},
    "whole_dials": {"steps": (1000, 1000)},
    "lossy": {"lost": 0.3},
}
