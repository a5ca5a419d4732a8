"""Accounts, roles and what they permit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from gateway.errors import GatewayError, NotFoundError, RefusedError

_NAME = re.compile(r"[\w.@-]{1,64}")
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200


class Role(StrEnum):
    """What somebody is there for."""

    OPERATOR = "operator"
    INSPECTOR = "inspector"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Permission(StrEnum):
    """What is not open to everybody who may see an estate."""

    ALERTS = "alerts"
    PLANNING = "planning"
    RESULTS = "results"
    CASES = "cases"
    QUARANTINE = "quarantine"
    ACCESS_LOG = "access_log"


class Look(StrEnum):
    """What somebody looked at, as the access log calls it."""

    UNITS = "units"
    UNIT = "unit"
    TIMELINE = "timeline"
    ALERTS = "alerts"
    ALERT = "alert"
    CHANGES = "changes"
    VISITS = "visits"
    VISITS_SHEET = "visits.xlsx"
    VISIT = "visit"
    CASES = "cases"
    CASES_SHEET = "cases.xlsx"
    CASE = "case"
    QUARANTINE = "quarantine"


_GIVEN: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.OPERATOR: frozenset(Permission) - {Permission.ACCESS_LOG},
        Role.INSPECTOR: frozenset({Permission.RESULTS, Permission.CASES}),
        Role.AUDITOR: frozenset({Permission.ACCESS_LOG}),
        Role.ADMIN: frozenset(Permission),
    }
)


class ForbiddenError(GatewayError):
    """Somebody's role does not permit it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Somebody at the console. `estates` are those that may be seen, None: all. `user_id` is None without accounts."""

    user_id: int | None
    name: str
    role: Role
    estates: frozenset[str] | None

    def sees(self, estate_id: str) -> bool:
        """Whether the estate is one of theirs."""
        return self.estates is None or estate_id in self.estates

    def among(self, estate_id: str | None) -> list[str] | None:
        """The estates that a list may show: the one that is asked for if it is theirs, or all of theirs."""
        if estate_id is not None:
            return [estate_id] if self.sees(estate_id) else []
        return None if self.estates is None else sorted(self.estates)

    def signs(self, given: str) -> str:
        """The name under which they act: their own, or while there are no accounts whatever was given."""
        return self.name if self.user_id is not None else given or self.name

    @property
    def permissions(self) -> tuple[Permission, ...]:
        """What their role permits."""
        return tuple(sorted(_GIVEN[self.role]))

    def require(self, permission: Permission) -> None:
        """Make sure that the role permits it.

        Raises:
            ForbiddenError: it does not.
        """
        if permission not in _GIVEN[self.role]:
            raise ForbiddenError(f"the role {self.role} does not permit this ({permission})")

    def require_estate(self, estate_id: str, thing: str, key: object) -> None:
        """Make sure that something lies in one of their estates; what does not is, to them, not there.

        Raises:
            NotFoundError: as if there were no such thing.
        """
        if not self.sees(estate_id):
            raise NotFoundError(thing=thing, key=key)


NOBODY_YET = Who(user_id=None, name="operator", role=Role.ADMIN, estates=None)
"""Whoever sits at this machine while there is no account."""


def check_name(name: str) -> str:
    """A name for an account.

    Raises:
        RefusedError: it has blanks or signs, or is too long.
    """
    if not _NAME.fullmatch(name):
        raise RefusedError(f"{name!r} is no name for an account: 1 to 64 letters, digits or . _ @ -")
    return name


def check_password(password: str, name: str) -> str:
    """A password that is not guessed at once.

    Raises:
        RefusedError: it is too short, too long, or the name.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise RefusedError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    if password.casefold() == name.casefold() or len(set(password)) <= 2:  # noqa: PLR2004 - aaaaaaaaaa, abababab
        raise RefusedError("this password is too easy to guess")
    return password
