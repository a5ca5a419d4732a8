"""A folder of CSV files or one workbook: whichever it is, the same raw lists come out."""

from __future__ import annotations

from pathlib import Path

from gateway.errors import InputFileError
from gateway.registry.csv_folder import read_folder
from gateway.registry.tables import RawRegistry
from gateway.registry.workbook import read_workbook


def read_registry(path: Path) -> RawRegistry:
    """Read everything that is there; what is wrong inside is in the result's faults.

    Raises:
        InputFileError: there is nothing at this path, or it may not be read.
    """
    place = path.absolute()
    try:
        return read_folder(place) if place.is_dir() else read_workbook(place)
    except FileNotFoundError as error:
        raise InputFileError(f"{path}: there is no such folder or workbook") from error
    except OSError as error:
        raise InputFileError(f"{path}: cannot be read: {error.strerror or error}") from error
