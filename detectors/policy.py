"""Clocks and thresholds in one place: every default, what it means, and where it comes from.

Sources: *Alicante*: hourly water of 46 lived-in homes (DAIAD trial A). *ResidentialEnergyConsumption*: electricity of
269 lived-in homes. *field*: what authorities that run such models have published. *judgement*: nobody has published a
figure; ours is a first estimate that outcomes of visits will replace. `docs/evaluation.md` has the measurements.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What an authority may set. All detectors read the same one."""

    prior: float = 0.005
    """Share of homes that are misused in one way, before anything is known (field: 0.35 to 0.5 % of homes checked)."""
    yellow_probability: float = 0.5
    """An alert is worth a visit from here (judgement: as many right as wrong)."""
    red_probability: float = 0.9
    """An alert is urgent from here (judgement)."""

    usable_coverage: float = 0.8
    """A meter's day is known where readings bound at least this share of it (judgement)."""
    least_known_days: int = 14
    """Known days of the tenancy below which nothing is said (judgement: half of the longest clock)."""
    stale_days: int = 3
    """Without any known day among the last ones, the present is not known (judgement)."""
    new_lease_days: int = 30
    """A household that moved in lately is still furnishing (judgement)."""

    lived_in_share: float = 0.25
    """A day is lived in over this share of the own usual water and of the own usual active hours (literature rule)."""
    evenness_days: int = 7
    """Days over which daily use is compared to tell machines from people (judgement: a week has every kind of day)."""
    even_water: float = 0.08
    """Spread (standard deviation over mean) of daily water below which no person draws it
    (Alicante: 0.15 % of lived-in weeks)."""
    even_electricity: float = 0.03
    """The same of electricity, and only well below the usual day (ResidentialEnergyConsumption)."""
    default_water_l: float = 100.0
    """A lived-in day's water where the tenancy has not shown one (judgement, below one person's 127 L in Alicante)."""
    default_active_hours: float = 8.0
    """The same for hours with flow (judgement)."""
    default_electricity_kwh: float = 2.5
    """A lived-in day's electricity above standby where the tenancy has not shown one (judgement)."""
    default_peak_kwh: float = 0.5
    """The same for the rise of the highest hour over the lowest (judgement: cooking or washing)."""

    vacancy_clock_days: int = 25
    """Least days nobody is there by two channels (Alicante: 12 such runs per 1,000 lived-in homes and month start at 14
    days, 5 at 21, none to 2 at 28); enough where what always ran in the home is off as well."""
    vacancy_one_channel_days: int = 28
    """The same by one channel alone, which may stand still (Alicante: none to 2 per 1,000 homes and month)."""
    visit_every_days: int = 14
    """One lone day of presence in so many is a visit and does not end an absence (judgement)."""
    longest_gap_days: int = 7
    """So many unknown days in a row end what was known of an absence (judgement)."""
    short_absence_log_odds: float = 1.3
    """Log-odds that three days away add (Alicante: 4.4 % of lived-in homes are so at any time, of vacant ones all;
    lower, so that 28 days alone weigh even)."""
    absence_log_odds_a_day: float = 0.16
    """Log-odds that each further day adds (Alicante: starts of runs fall 12, 5, at most 2 at 14, 21, 28 days)."""
    lone_elder_stretch: float = 1.5
    """Clock of a lone elder, who more often stays with children or in hospital (judgement)."""

    sublet_window_days: int = 21
    """Days that are compared with the household's own past (judgement)."""
    sublet_door_share: float = 0.5
    """Share of the window on which doors must have spoken (judgement)."""
    dependence: float = 0.35
    """Days of one household resemble each other: a day's log-likelihood ratio counts this much (judgement)."""
    silence_cap: float = 3.5
    """Most log-odds that silence of the registered may add (judgement)."""
    strangers_cap: float = 5.0
    """Most that returning strangers may add; with the prior of 0.5 % they never alarm alone (judgement)."""
    water_l_by_size: tuple[float, ...] = (127.0, 228.0, 244.0, 319.0, 373.0)
    """Usual litres a day of households of 1, 2, 3, 4, 5 and more (Alicante; size can be read to ± 1.5 persons)."""

    misuse_window_days: int = 14
    """Days looked at in a unit that should be empty (judgement)."""
    misuse_lived_in_days: int = 7
    """Lived-in days among them that are no longer cleaning or a viewing (judgement)."""
    move_out_days: int = 14
    """Days after a lease ended in which cleaning and handing over are expected (judgement)."""

    explore_share: float = 0.1
    """Share of the places on a visit list that explore, 0 to 1; at 0 nothing is learnt of whom the list leaves out
    (judgement: one visit in ten)."""

    care_least_l: float = 10.0
    """Water of a day below which whoever lives alone drew none (field: 10 L in 24 hours, Taicang)."""
    care_most_l: float = 2000.0
    """Water of a day from which something may have been left running (field: 2 m³, Shanghai Jing'an)."""
    care_calls_a_day: float = 0.025
    """Share of days on which a call to a lone elder is acceptable (judgement: three calls in four months)."""

    leak_days: int = 3
    """Days on which water never stops (Alicante: 25 runs at 2 L/h, 4.8 at 5 L/h per 1,000 homes and month)."""
    leak_l_per_h: float = 2.0
    """Least hourly use that is a leak (Alicante, above)."""
    burst_l_per_h: float = 5.0
    """Least hourly use that is urgent (Alicante, above)."""
    leak_long_days: int = 14
    """A leak of this length is urgent whatever its flow (judgement)."""

    def __post_init__(self) -> None:
        """Refuse what no detector could work with.

        Raises:
            ValueError: a probability that is none, or levels or clocks in the wrong order.
        """
        if not 0 < self.prior < 1:
            raise ValueError(f"prior must lie between 0 and 1, not at {self.prior}")
        if not 0 <= self.explore_share <= 1:
            raise ValueError(f"explore_share must lie between 0 and 1, not at {self.explore_share}")
        if self.vacancy_one_channel_days < self.vacancy_clock_days:
            raise ValueError("vacancy_one_channel_days must not lie below vacancy_clock_days")
        if not 0 < self.yellow_probability <= self.red_probability < 1:
            raise ValueError("yellow_probability must lie above 0, red_probability at or above it and below 1")
