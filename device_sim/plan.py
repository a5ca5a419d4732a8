"""What a world is made from. Equal plans make equal worlds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from device_sim.clock import DAY_MIN, HOUR_MIN, local_second
from device_sim.errors import BadParameterError
from device_sim.fates import Rates, rates
from device_sim.makes import Shares, check_shares

MAX_MISUSE_RATE = 0.3
MAX_LOOKALIKE_RATE = 4
MAX_RATES = 0.9
MAX_DAYS = 400
MAX_UNITS = 1_000_000
_PLANNED_AFTER_END_DAYS = 400


@dataclass(frozen=True, slots=True)
class Plan:
    """Parameters of a world; `end` is the aware time at which its history stops and live begins."""

    seed: int
    units: int
    days: int
    end: datetime
    misuse_rate: float
    dialects: Shares = ()
    """Dialects beside the native one, and their shares of the devices of each kind."""
    lookalike_rate: float = 1.0
    """How many times as often as usual honest look-alikes happen."""
    own_rates: Rates = ()
    """Shares of the units in which something happens, where they are not the usual ones."""
    disguise: int | None = None
    """How well all misuse is disguised, 0 to 2; None: mixed."""
    gates: bool = False
    """The estates have gates, which people pass before their entrance."""
    pseudonyms: bool = True
    """Door terminals give a face that they do not know a pseudonym; many real ones do not."""

    @property
    def rates(self) -> Rates:
        """Share of the units in which each thing happens."""
        return rates(self.misuse_rate, self.lookalike_rate, self.own_rates)

    @property
    def end_s(self) -> int:
        """End of history in local seconds."""
        return local_second(self.end)

    @property
    def start_s(self) -> int:
        """Start of history in local seconds."""
        return self.end_s - self.days * DAY_MIN * HOUR_MIN

    @property
    def first_day(self) -> int:
        """The day on which history starts, whole; dials begin to turn at its midnight."""
        return self.start_s // (DAY_MIN * HOUR_MIN)

    @property
    def end_day(self) -> int:
        """The day after the one on which history ends."""
        return -(-self.end_s // (DAY_MIN * HOUR_MIN))

    @property
    def horizon_day(self) -> int:
        """Trips are planned up to here; live cannot go on beyond it."""
        return self.end_day + _PLANNED_AFTER_END_DAYS

    def check(self) -> None:
        """Refuse what makes no world.

        Raises:
            BadParameterError: a parameter is out of range.
        """
        ranges = (
            ("--units", self.units, 1, MAX_UNITS),
            ("--days", self.days, 1, MAX_DAYS),
            ("--seed", self.seed, 0, 2**63),
            ("--misuse-rate", self.misuse_rate, 0, MAX_MISUSE_RATE),
            ("look-alike rate", self.lookalike_rate, 0, MAX_LOOKALIKE_RATE),
            ("rates of what happens, together,", sum(rate for _, rate in self.rates), 0, MAX_RATES),
        )
        for name, value, least, most in ranges:
            if not least <= value <= most:
                raise BadParameterError(f"{name} {value}: must be {least} to {most}")
        check_shares(self.dialects)
