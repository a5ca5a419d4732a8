"""Beginning anew: remove what the demonstration made, and nothing else."""

from __future__ import annotations

import shutil

from gateway.demo import record
from gateway.embedded.locks import is_held
from gateway.errors import RefusedError
from gateway.settings import Settings


def remove(settings: Settings) -> None:
    """Remove the world of `settings.home`, and the embedded database and queues where only it filled them.

    Raises:
        RefusedError: another command uses the database now, or it is not ours to empty.
    """
    home = settings.home
    found = record.load(home)
    if found is not None and found.claimed:
        _refuse_foreign(settings, found)
        if not settings.database_url:
            shutil.rmtree(home / "postgres", ignore_errors=True)
        if not settings.mqtt_url:
            shutil.rmtree(home / "broker" / "data", ignore_errors=True)
    shutil.rmtree(home / record.FOLDER, ignore_errors=True)


def _refuse_foreign(settings: Settings, found: record.Record) -> None:
    if settings.database_url and "registry" in found.done:
        raise RefusedError(
            "--fresh removes what is under ESTATE_HOME only; empty the database of ESTATE_DATABASE_URL yourself, "
            f"remove {settings.home / record.FOLDER}, and start again without --fresh"
        )
    for name in ("database", "broker"):
        if is_held(settings.home / "run" / f"{name}.keeper"):
            raise RefusedError(f"another command uses the {name} of {settings.home}; let it end first")
