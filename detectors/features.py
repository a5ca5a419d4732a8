"""Plain figures of a unit's last weeks, for methods that learn from numbers alone: the peers of an evaluation.

Every figure is the unit's own; NaN where it is not known. The detectors do not look at them.
"""

from __future__ import annotations

import numpy as np

from detectors.panel import Bools, Floats, Panel
from detectors.stats import NAN, count, fill, floats, from_index, last_true, mean, ratio

FEATURES: tuple[str, ...] = (
    *("water_7", "water_28", "water_change", "water_least", "dry_days", "water_hours"),
    *("electricity_7", "electricity_28", "electricity_change", "electricity_least", "electricity_most", "evening"),
    *("seen_28", "seen_change", "unseen_days", "persons", "visitors", "strangers_28", "strangers_change"),
    *("stranger_days", "returning_days", "unnamed_faces", "unidentified", "enrolled", "size", "leased", "lease_age"),
)
DRY_L = 3.0
_LATELY, _WEEK = 28, 7


def features(panel: Panel) -> Floats:
    """(U, F) as they stand on the panel's last day."""
    columns = [*_water(panel), *_electricity(panel), *_doors(panel), *_lists(panel)]
    return floats(np.stack(columns, axis=1))


def _window(panel: Panel, days: int) -> Bools:
    units, length = panel.shape
    return np.broadcast_to(np.arange(length)[None, :] >= length - days, (units, length))


def _change(values: Floats, lately: Bools) -> Floats:
    return ratio(mean(values, lately), mean(values, ~lately))


def _share(mask: Bools, of: Bools) -> Floats:
    return ratio(count(mask & of), count(of))


def _run(broken: Bools, known: Bools) -> Floats:
    """Known days since the last one on which it was broken."""
    return count(from_index(last_true(broken) + 1, broken.shape[1]) & known)


def _water(panel: Panel) -> list[Floats]:
    week, lately, litres = _window(panel, _WEEK), _window(panel, _LATELY), panel.water_l
    dry = _run(np.asarray(litres > DRY_L), ~np.isnan(litres))
    return [
        mean(litres, week),
        mean(litres, lately),
        _change(litres, lately),
        mean(panel.water_min_hour_l, week),
        dry,
        mean(panel.water_active_hours, lately),
    ]


def _electricity(panel: Panel) -> list[Floats]:
    week, lately, kwh = _window(panel, _WEEK), _window(panel, _LATELY), panel.electricity_kwh
    return [
        mean(kwh, week),
        mean(kwh, lately),
        _change(kwh, lately),
        mean(panel.electricity_min_hour_kwh, lately),
        mean(panel.electricity_max_hour_kwh, lately),
        ratio(mean(panel.electricity_evening_kwh, lately), mean(kwh, lately)),
    ]


def _doors(panel: Panel) -> list[Floats]:
    lately, spoke = _window(panel, _LATELY), np.asarray(panel.door_coverage > 0)
    seen = np.asarray(panel.registered_passages > 0)
    return [
        _share(seen, spoke & lately),
        ratio(_share(seen, spoke & lately), _share(seen, spoke & ~lately)),
        _run(seen, spoke),
        mean(panel.registered_persons, lately),
        mean(panel.visitor_passages, lately),
        mean(panel.strangers, lately),
        _change(panel.strangers, lately),
        _share(np.asarray(panel.strangers > 0), spoke & lately),
        _share(np.asarray(panel.returning_strangers > 0), spoke & lately),
        mean(panel.unnamed_face_passages, lately),
        mean(panel.unidentified_passages, lately),
    ]


def _lists(panel: Panel) -> list[Floats]:
    now = panel.leased[:, -1]
    age = np.where(now, fill(panel.days_since_lease_start[:, -1], 9999.0), NAN)
    return [panel.enrolled_persons[:, -1], panel.household_size, floats(now), floats(age)]
