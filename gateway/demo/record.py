"""What the demonstration has made under `ESTATE_HOME`, so that a second start goes on with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from gateway.errors import RefusedError

FOLDER = "demo"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for; None: whatever there is, else the default."""

    units: int | None = None
    days: int | None = None
    seed: int | None = None


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The world, the database it was loaded into, and how far that has come.

    `claimed` says that the database was empty when the demonstration began to fill it.
    """

    units: int = 200
    days: int = 60
    seed: int = 3
    """A world whose cases show every kind of alert."""
    database: str = ""
    claimed: bool = False
    done: tuple[str, ...] = ()

    def with_done(self, step: str) -> Self:
        """The same with one more step done."""
        return msgspec.structs.replace(self, done=(*self.done, step))

    def for_database(self, database: str, *, filled: bool) -> Self:
        """The same as of a database that holds an estate or none: what is lost with the old one is to be done again.

        Raises:
            RefusedError: the database holds an estate that the demonstration did not make.
        """
        same = self.claimed and self.database == database
        if filled and not same:
            raise RefusedError(
                "the database holds an estate already, which the demonstration would mix with its own; "
                "use an empty database, or another ESTATE_HOME"
            )
        done = self.done if filled else tuple(step for step in self.done if step == "world")
        return msgspec.structs.replace(self, database=database, claimed=True, done=done)


def choose(found: Record | None, wish: Wish) -> Record:
    """Go on with what was found, or begin with what is wished for.

    Raises:
        RefusedError: another world is wished for than the one that is there.
    """
    wanted = {name: value for name in ("units", "days", "seed") if (value := getattr(wish, name)) is not None}
    if found is None:
        return Record(**wanted)
    if any(getattr(found, name) != value for name, value in wanted.items()):
        raise RefusedError(
            f"the demonstration here has {found.units} units, {found.days} days and seed {found.seed}; "
            "leave these options out to go on with it, or add --fresh to begin anew"
        )
    return found


def load(home: Path) -> Record | None:
    """The record of `home`; None where there is none, or none that this version can read."""
    try:
        return msgspec.json.decode(_path(home).read_bytes(), type=Record)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def save(home: Path, record: Record) -> None:
    """Write the record in one go."""
    path = _path(home)
    path.parent.mkdir(exist_ok=True)
    new = path.with_suffix(".new")
    new.write_bytes(msgspec.json.encode(record))
    new.replace(path)


def _path(home: Path) -> Path:
    return home / FOLDER / "demo.json"
