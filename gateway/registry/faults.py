"""What is wrong with a list, and where."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.errors import InputFileError


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend. `line` 0 means the file as a whole, an empty `column` the line as a whole."""

    file: str
    line: int
    column: str
    problem: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place} {self.column}: {self.problem}" if self.column else f"{place}: {self.problem}"


class FaultyRegistryError(InputFileError):
    """An import was refused whole; `faults` are all of them, in the order of the files."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__(f"{count}; nothing was changed")
        self.faults = faults
