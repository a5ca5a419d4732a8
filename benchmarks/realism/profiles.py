"""The day of households' electricity as others have measured it: 24 figures each, of classes of many metered homes.

A set is like ours when its owner defines it as homes with one tariff all day, which heat neither rooms nor water at
night, and its homes take no more than a flat does where gas or a district heats. That was settled before any of them
but the German one was opened. All that was found is here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

YEAR, LATE = tuple(range(1, 13)), (11, 12)


class Profile(NamedTuple):
    """Whose day, of which months, by hour of local time, mean 100."""

    whose: str
    when: str
    months: tuple[int, ...]
    percent: str
    like_ours: bool = True
    workdays_only: bool = False

    @property
    def shape(self) -> np.ndarray:
        """(24,) share of each hour, 1 on average."""
        return np.array(self.percent.split(), dtype=np.float64) / 100


_GERMAN, _CZECH, _SPANISH = "Germany, H25 (BDEW 2025)", "Czechia, TDD4 (OTE 2019)", "Spain, 2.0A (REE 2019)"
_SPANISH_LARGE, _IRISH = "Spain, 2.1A, 10 to 15 kW (REE 2019)", "Ireland, trial of 2010 (CER)"

PROFILES = (
    Profile(
        _GERMAN, "year", YEAR,
        "73 63 59 58 60 67 82 92 95 98 101 110 112 108 104 104 112 130 146 149 142 129 114 91",
    ),
    Profile(
        _GERMAN, "November, December", LATE,
        "68 58 55 54 56 63 81 92 94 95 99 108 110 107 104 108 124 149 159 154 140 125 109 88",
    ),
    Profile(
        _CZECH, "year", YEAR,
        "63 54 51 50 52 58 74 89 101 112 121 127 121 110 106 110 119 133 145 149 144 128 105 80",
    ),
    Profile(
        _CZECH, "November, December", LATE,
        "60 51 47 47 49 56 72 85 98 110 119 126 120 110 108 115 134 149 154 152 142 121 100 77",
    ),
    Profile(
        _SPANISH, "year", YEAR,
        "93 77 68 63 61 62 67 79 90 99 107 109 111 118 120 111 106 106 111 120 133 142 134 114",
    ),
    Profile(
        _SPANISH, "November, December", LATE,
        "90 74 64 59 57 59 66 81 91 100 108 109 108 115 116 109 104 107 122 131 141 144 133 113",
    ),
    Profile(
        "Britain, class 1 (Elexon)", "workdays of December to February", (12, 1, 2),
        "60 47 42 40 40 45 68 112 116 100 95 92 96 90 88 98 139 177 179 168 154 145 123 88", workdays_only=True,
    ),
    Profile(
        "Netherlands, E1A (NEDU 2018)", "first week of January", (1,),
        "73 56 48 43 42 44 53 69 87 100 108 111 112 111 109 109 123 157 167 167 156 138 121 95",
    ),
    Profile(
        _SPANISH_LARGE, "year", YEAR,
        "94 87 83 80 80 81 84 87 93 105 115 116 116 112 102 96 96 100 109 115 116 116 114 105", like_ours=False,
    ),
    Profile(
        _SPANISH_LARGE, "November, December", LATE,
        "90 84 80 78 77 80 85 95 96 106 114 114 111 107 97 91 92 101 127 129 124 115 108 100", like_ours=False,
    ),
    Profile(
        _IRISH, "year", YEAR,
        "89 61 47 41 39 39 45 64 90 96 101 103 107 114 105 103 114 140 162 161 157 154 145 122", like_ours=False,
    ),
    Profile(
        _IRISH, "November, December", LATE,
        "84 57 44 38 36 36 41 58 85 90 96 99 103 109 103 104 120 161 183 175 165 154 140 116", like_ours=False,
    ),
)  # fmt: skip
