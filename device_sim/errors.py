"""Errors that a user of the simulator can cause or mend; each prints as one line."""

from __future__ import annotations


class SimulatorError(Exception):
    """Root of the package. `exit_code` is what the command line ends with."""

    exit_code = 1


class BadParameterError(SimulatorError):
    """An option is out of range or malformed."""

    exit_code = 2


class WorldFileError(SimulatorError):
    """A folder does not hold a world that this version can go on with."""


class LoadError(SimulatorError):
    """The broker does not take the load."""
