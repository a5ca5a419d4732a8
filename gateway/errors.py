"""Errors that a user can cause or mend. Each prints as one line that names the cause and the cure."""

from __future__ import annotations


class GatewayError(Exception):
    """Root of the package. `exit_code` is what the command line ends with (contract: 1 at run time)."""

    exit_code = 1


class ConfigError(GatewayError):
    """A setting is missing or wrong; `name` is the setting as the user wrote it."""

    exit_code = 2

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.name = name
        self.problem = problem


class DatabaseUnavailableError(GatewayError):
    """The database cannot be reached or refuses us."""


class SchemaError(GatewayError):
    """The database is there, but its tables are not the ones this version needs."""


class BrokerUnavailableError(GatewayError):
    """The MQTT broker cannot be reached or refuses us."""


class InputFileError(GatewayError):
    """A file that a user gave cannot be used."""


class PortInUseError(GatewayError):
    """Another program listens where we were told to listen."""


class RefusedError(GatewayError):
    """What was asked is understood and may not be done now; the message says why."""


class NotFoundError(GatewayError):
    """No such thing. `thing` and `key` are what was asked for, where the API has words for it."""

    def __init__(self, message: str = "", *, thing: str = "", key: object = "") -> None:
        super().__init__(message or f"there is no {thing} {key}")
        self.thing = thing
        self.key = str(key)


class StepFailedError(GatewayError):
    """A step of the demonstration's set-up failed; the message has its program's last line."""


class StoppedError(GatewayError):
    """The user asked us to stop before we were done; shells know the exit code as that of Ctrl-C."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__("stopped")
