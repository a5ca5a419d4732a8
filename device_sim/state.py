"""What `live` needs to go on with a world: its plan, and where the dials stood. All else follows from the plan."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from device_sim.errors import WorldFileError
from device_sim.fates import Fate
from device_sim.plan import Plan

_VERSION = 2


def save_plan(folder: Path, plan: Plan) -> None:
    """Write DIR/sim/world.json."""
    content = {
        "version": _VERSION,
        "seed": plan.seed,
        "units": plan.units,
        "days": plan.days,
        "end": plan.end.isoformat(),
        "misuse_rate": plan.misuse_rate,
        "dialects": dict(plan.dialects),
        "lookalike_rate": plan.lookalike_rate,
        "own_rates": dict(plan.own_rates),
        "disguise": plan.disguise,
        "gates": plan.gates,
        "pseudonyms": plan.pseudonyms,
    }
    path = _file(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")


def load_plan(folder: Path) -> Plan:
    """Read DIR/sim/world.json.

    Raises:
        WorldFileError: there is none, or it is not one of this version.
    """
    path = _file(folder)
    try:
        content = json.loads(path.read_text("utf-8"))
        if content["version"] != _VERSION:
            raise WorldFileError(f"{path}: version {content['version']}; make the world anew with `history`")
        plan = _plan(content)
    except OSError as error:
        raise WorldFileError(f"{path}: no world here ({error.strerror}); make one with `history --out`") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WorldFileError(f"{path}: not a world file ({error}); make one with `history --out`") from error
    plan.check()
    return plan


def has_plan(folder: Path) -> bool:
    """A world was made here."""
    return _file(folder).is_file()


def save_dials(folder: Path, dials: Mapping[str, int]) -> None:
    """Write DIR/sim/dials.json: with it, `live` need not go through the history again."""
    path = folder / "sim" / "dials.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dict(dials), separators=(",", ":")) + "\n", "utf-8")


def load_dials(folder: Path) -> Mapping[str, int]:
    """What the meters had counted when the day began on which history ends; nothing where it is not known."""
    try:
        content = json.loads((folder / "sim" / "dials.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: int(parts) for name, parts in content.items()}


def _plan(content: Mapping[str, Any]) -> Plan:
    return Plan(
        content["seed"],
        content["units"],
        content["days"],
        datetime.fromisoformat(content["end"]),
        content["misuse_rate"],
        tuple(content["dialects"].items()),
        content["lookalike_rate"],
        tuple((Fate(name), rate) for name, rate in content["own_rates"].items()),
        content["disguise"],
        content["gates"],
        content.get("pseudonyms", True),
    )


def _file(folder: Path) -> Path:
    return folder / "sim" / "world.json"
