"""A small estate whose lists are right; each test spoils what it is about."""

from __future__ import annotations

import pytest

from gateway.registry.checking import Known, check
from gateway.registry.parsing import parse_lists
from gateway.registry.reading import read_registry

RIGHT = {
    "estates": "estate_id,name,timezone\nriver,滨河家园,Asia/Shanghai\n",
    "units": (
        "unit_id,estate_id,building,entrance,floor,room,area_m2,tenure\n"
        "u1,river,1号楼,一单元,-1,101,52.5,leased\n"
        "u2,river,1号楼,一单元,,102,,vacant\n"
    ),
    "households": (
        "household_id,unit_id,size,lease_start,lease_end,category,care\n"
        "h1,u1,2,2025-01-01,2027-12-31,低保,lone_elder\n"
        "h2,u2,,,2025-12-31,,\n"
    ),
    "persons": (
        "person_id,household_id,role,valid_from,valid_to,face_enrolled\np1,h1,tenant,2025-01-01,,1\np2,,staff,,,0\n"
    ),
    "devices": (
        "device_id,estate_id,kind,unit_id,building,entrance,codec,register_digits\n"
        "w1,river,water,u1,,,,5\n"
        "d1,river,door,,1号楼,一单元,native,\n"
    ),
    "absences": "household_id,start,end,reason\nh1,2026-02-01,2026-02-10,探亲\nh2,,,\n",
}


@pytest.fixture
def examine(tmp_path):
    """Write the right lists with some of them changed (None: left out), and give (lists, faults as text)."""

    def run(known=Known(), **changes):  # noqa: B008 - frozen
        for path in tmp_path.glob("*.csv"):
            path.unlink()
        for name, text in (RIGHT | changes).items():
            if text is not None:
                data = text if isinstance(text, bytes) else text.encode()
                (tmp_path / f"{name}.csv").write_bytes(data)
        raw = read_registry(tmp_path)
        lists, faults = check(raw, parse_lists(raw), known)
        return lists, [str(fault) for fault in faults]

    return run
