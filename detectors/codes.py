"""Every code a detector may say. The gateway's catalogue has a text for each; a test compares.

Beside each evidence code stands what `value`, `unit` and `baseline` mean. A weight below zero speaks against it.
"""

from __future__ import annotations

EVIDENCE_CODES: tuple[str, ...] = (
    # vacancy
    "absent_run",  # value: days of the run that count; unit: days; baseline: days that would raise an alert
    "never_occupied",  # value: days since the lease began, none of them lived in; unit: days; baseline: days allowed
    "empty_from_the_first",  # value: days of the run that count; unit: days; no baseline: when it began is not known
    "water_absent",  # value: mean daily water in the run; unit: L/day; baseline: own lived-in day, or null
    "water_mechanical",  # value: spread of daily water in the run; unit: %; baseline: spread too even for people
    "electricity_standby",  # value: daily electricity in the run; unit: kWh/day; baseline: own lived-in day, or null
    "electricity_mechanical",  # value: spread of daily electricity; unit: %; baseline: spread too even for people
    "base_off",  # value: share of what always ran (least hour before) that runs in the run; unit: %; baseline: null
    "base_on",  # the same, where enough runs on to speak for a journey
    "registered_silent",  # value: days of the run without a registered passage; unit: days; baseline: longest before
    "registered_seen",  # value: days with a registered passage; unit: days; baseline: days the doors spoke
    "short_visits",  # value: lone days in the run on which somebody was there; unit: days; baseline: days of the run
    "holiday_days",  # value: holidays in the run, which count for less; unit: days; baseline: days of the run
    "declared_days",  # value: declared absence in the run, not counted; unit: days; baseline: days of the run
    # sublet
    "registered_less_seen",  # value: lived-in days with a registered passage; unit: days; baseline: days by own habit
    "registered_never_seen",  # value: days the doors spoke and saw none of the enrolled; unit: days; baseline: null
    "registered_only_one",  # value: days that saw two of the registered; unit: days; baseline: usual
    "listed_lately",  # value: days on which registered people passed who came late; unit: days; baseline: null
    "came_together",  # value: earlier days on which newcomers and household passed; unit: days; baseline: allowed
    "strangers_return",  # value: days on which known-again strangers came; unit: days; baseline: by own past, or null
    "strangers_many",  # value: strangers on a day they came, mean; unit: persons; baseline: members without a face
    "strangers_change",  # value: days on which strangers came for the first time; unit: days; baseline: null
    "strangers_unnamed",  # value: days with unknown faces without a pseudonym; unit: days; baseline: by own past
    "others_pass",  # value: days with cards, codes or listed visitors; unit: days; baseline: by own past
    "meters_lived_in",  # value: days the meters say lived in; unit: days; baseline: days they were heard in the window
    "water_changed",  # value: mean water of lived-in days in the window; unit: L/day; baseline: the same before it
    "electricity_changed",  # value: mean electricity of lived-in days; unit: kWh/day; baseline: the same before it
    "size_mismatch",  # value: mean water of lived-in days; unit: L/day; baseline: usual for the registered size
    "no_enrolled_face",  # value: members with an enrolled face (0); unit: persons; baseline: registered size, or null
    # misuse
    "not_leased",  # value: days in a row without a lease up to the day judged; unit: days; baseline: days of grace
    "lived_in_days",  # value: days of the window that look lived in; unit: days; baseline: days that the rule asks for
    "water_used",  # value: mean daily water in the window; unit: L/day; baseline: what an empty unit may use
    "electricity_used",  # value: mean daily electricity in the window; unit: kWh/day; baseline: standby a day, or null
    "passages_seen",  # value: days with passages for the unit in the window; unit: days; baseline: days the doors spoke
    # care
    "no_water_days",  # value: whole days in a row with hardly any water; unit: days; baseline: null
    "silent_before",  # value: such days earlier in the panel; unit: days; baseline: null
    "visited",  # value: days of them on which other listed people came; unit: days; baseline: days in a row
    "electricity_in_use",  # value: days of them on which electricity says lived in; unit: days; baseline: days in a row
    "too_much_water",  # value: water of the day judged; unit: L; baseline: own usual day
    "too_much_before",  # value: days with so much earlier in the panel; unit: days; baseline: null
    # leak
    "flow_never_stops",  # value: least hourly use of the last days; unit: L/h; baseline: own before the run, or null
    "flow_while_empty",  # value: mean flow of the least of the last days; unit: L/h; baseline: own before, or null
    "leak_days",  # value: days in a row; unit: days; baseline: days that the rule asks for
    "leak_loss",  # value: water lost a day at that flow; unit: L/day; baseline: the unit's own use before it, or null
    "leak_unoccupied",  # value: days of the run on which nobody was there; unit: days; baseline: days of the run
    # what visits teach
    "raised_by_outcomes",  # value: probability after the outcomes of visits; unit: %; baseline: the detector's own
)

CLEARING_CODES: tuple[str, ...] = (
    # `value` is so many days. Anywhere from `start` to `end`, both of which lie ahead:
    "lived_in",  # days on which somebody clearly is there (vacancy)
    "registered_at_door",  # days with a passage of registered people (vacancy, sublet)
    "hour_without_flow",  # days with an hour below `limit`, L/h (leak)
    "water_drawn",  # days with `limit` of water, L, or more (care)
    "water_as_usual",  # days with no more water than the usual `limit`, L (care)
    # One after another, from tomorrow to the day on which the alert ends:
    "no_strangers",  # days without people that no list names (sublet)
    "no_use",  # days that look empty (misuse)
    "registered_daily",  # days with a passage of registered people (care)
    "visited_daily",  # days with a passage of other listed people (care)
    # On the lists, from the first day of the pattern to the day judged:
    "absence_declared",  # the household's absence covers them (vacancy, sublet, care)
    "lease_entered",  # a lease covers them and goes on (misuse)
    "lease_ended",  # the lease ends with them, or before (vacancy)
)

NOT_READY_CODES: tuple[str, ...] = (
    "no_lease",  # no lease covers the day judged: nothing to be vacant or sublet
    "leased",  # a lease covers the day judged: nothing to be misused
    "not_alone",  # nobody who lives alone is registered there
    "moved_in_lately",  # the lease is too young to judge
    "moved_out_lately",  # the lease ended so lately that cleaning and handing over are expected
    "no_meter",  # no meter of the unit was ever heard in the panel
    "no_door",  # no door that serves the unit was ever heard in the panel
    "too_few_days",  # the channels are there, with too few known days to judge
    "too_few_hours",  # the water meter is heard too seldom for hourly figures
    "data_stale",  # nothing was heard in the last days: the present is not known
)

VOID_CODES = frozenset({"no_lease", "leased", "moved_in_lately", "moved_out_lately", "not_alone"})
"""Of these, the reasons that also say that an old suspicion has lost its object: another lease, or none."""
