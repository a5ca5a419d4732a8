"""What the API answers with, field by field (contract, section 4)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from gateway.accounts.model import Look

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """One page of a list; `next` is the cursor of the following one, or null at the end."""

    items: list[T]
    next: str | None = None


class Window(BaseModel):
    """First and last day that a fact speaks of."""

    start: date
    end: date


class Evidence(BaseModel):
    """One fact; `unit` is the unit of value and baseline, `weight` its share in log-odds."""

    code: str
    text: str
    value: float
    unit: str
    baseline: float | None
    window: Window
    weight: float


class Clearing(BaseModel):
    """What would clear an alert: `value` of it in `unit`, each reaching (or below) `limit` where there is one."""

    code: str
    text: str
    value: float
    unit: str
    limit: float | None
    limit_unit: str
    window: Window


class Alert(BaseModel):
    """An alert. `since` is the first day the pattern holds, `until` the last day it stays quiet."""

    id: int
    kind: str
    subtype: str | None
    level: str
    state: str
    unit_id: str | None
    device_id: str | None
    estate_id: str
    building: str | None
    entrance: str | None
    floor: int | None
    room: str | None
    opened_at: datetime
    updated_at: datetime
    since: date
    until: date | None
    probability: float
    summary: str
    evidence: list[Evidence]


class HistoryItem(BaseModel):
    """One step in an alert's life. `reason` is in words, whoever gave it."""

    seq: int
    at: datetime
    actor: str
    action: str
    from_state: str | None
    to_state: str
    reason: str
    data: dict[str, Any]


class AlertWithHistory(Alert):
    """An alert and every step of its life, oldest first; `case_id` is the last case that rests on it.

    `clears` is what would clear it, `clears_note` how it ends then; both are empty on one that has ended.
    """

    clears: list[Clearing]
    clears_note: str
    history: list[HistoryItem]
    case_id: int | None


class AlertChange(HistoryItem):
    """A change, with the alert as it stands now."""

    alert_id: int
    alert: Alert


class Estate(BaseModel):
    """An estate and how much of it there is."""

    estate_id: str
    name: str
    timezone: str
    today: date
    units: int
    live_alerts: int


class Scores(BaseModel):
    """Probability by kind; null where the data do not allow one."""

    vacancy: float | None = None
    sublet: float | None = None
    misuse: float | None = None
    leak: float | None = None


class NotReady(BaseModel):
    """Why a detector says nothing."""

    code: str
    text: str


class UnitAlert(BaseModel):
    """A live alert in short."""

    id: int
    kind: str
    level: str
    state: str


class Unit(BaseModel):
    """A unit of the housing list with what is known of it now; `state` holds since `state_since`."""

    unit_id: str
    estate_id: str
    building: str
    entrance: str
    floor: int | None
    room: str
    area_m2: float | None
    tenure: str
    state: str
    state_since: date | None
    as_of: date | None
    scores: Scores
    not_ready: dict[str, NotReady]
    alerts: list[UnitAlert]


class Household(BaseModel):
    """The household of the last lease, by its id only."""

    household_id: str
    size: int | None
    lease_start: date | None
    lease_end: date | None
    category: str
    care: str


class UnitDevice(BaseModel):
    """A device that hangs in the unit."""

    device_id: str
    kind: str


class UnitWithHousehold(Unit):
    """A unit with its household and devices."""

    household: Household | None
    devices: list[UnitDevice]


class Passages(BaseModel):
    """Passages by class of person; null where no door that serves the unit spoke."""

    registered: int | None
    visitor: int | None
    stranger: int | None
    unidentified: int | None


class Coverage(BaseModel):
    """Share of the day that is known, 0 to 1."""

    water: float
    electricity: float
    door: float


class Flags(BaseModel):
    """What was noticed about the devices on the day: the codes of docs/ingestion.md, "Registers: the rules"."""

    water: list[str]
    electricity: list[str]
    door: list[str]


class TimelineDay(BaseModel):
    """One day of a unit; a figure whose coverage is 0 is null."""

    date: date
    water_l: float | None
    electricity_kwh: float | None
    passages: Passages
    coverage: Coverage
    flags: Flags


class Timeline(BaseModel):
    """Every day of the asked range, oldest first."""

    days: list[TimelineDay]


class Visit(BaseModel):
    """A visit. `order` is its place in the inspector's walk of that day; hours are local, `18:00–20:00`.

    `clears` is what people at home can show or have entered that would clear it.
    """

    id: int
    date: date
    inspector: str
    estate_id: str
    unit_id: str
    building: str
    entrance: str
    floor: int | None
    room: str
    order: int
    alert_ids: list[int]
    reasons: list[str]
    questions: list[str]
    clears: list[str]
    best_hours: list[str]
    state: str
    outcome: str | None


class VisitResult(BaseModel):
    """A result as it was sent; `counts` marks the one that the visit's outcome is taken from."""

    key: str
    outcome: str
    note: str
    inspector: str
    found_at: datetime
    received_at: datetime
    counts: bool


class VisitWithResults(Visit):
    """A visit and every result that was sent for it."""

    results: list[VisitResult]


class PlannedVisits(Page[Visit]):
    """The day's list after planning; `added` says how many visits are new."""

    date: date
    added: int


class Case(BaseModel):
    """A case of the ledger. `due` is the last day of the order to rectify, `statement` what the tenant said last."""

    id: int
    kind: str
    subtype: str | None
    state: str
    unit_id: str
    estate_id: str
    building: str
    entrance: str
    floor: int | None
    room: str
    opened_at: datetime
    updated_at: datetime
    due: date | None
    overdue: bool
    alert_ids: list[int]
    visit_id: int | None
    statement: str
    statement_at: datetime | None


class Ground(BaseModel):
    """An alert as it stood when it led to the case; kept, whatever becomes of the alert."""

    alert_id: int
    kind: str
    subtype: str | None
    level: str
    since: date
    probability: float
    evidence: list[Evidence]


class Handover(BaseModel):
    """A hand-over to another body: to whom, under which reference, when, by whom."""

    to: str
    reference: str
    at: datetime
    actor: str


class CaseWithHistory(Case):
    """A case, what it rests on, its hand-overs and every step, oldest first."""

    grounds: list[Ground]
    handovers: list[Handover]
    history: list[HistoryItem]


class Device(BaseModel):
    """A device's health. `state`: `online`, `offline` (its last will says so), `silent`, `unknown` (never heard).

    `expected_interval_s` is the usual time between its readings, `patience_s` how long it may say nothing, both learnt
    from the device and null until they are known. `conditions` are codes of what is wrong with it, `flags` what it
    says of itself, in its own words where a flag has no meaning here.
    """

    device_id: str
    estate_id: str
    kind: str
    unit_id: str | None
    building: str
    entrance: str
    codec: str
    state: str
    online: bool | None
    silent: bool
    last_seen: datetime | None
    last_device_time: datetime | None
    expected_interval_s: float | None
    patience_s: float | None
    conditions: list[str]
    firmware: str | None
    battery: float | None
    rssi: float | None
    flags: list[str]


class Access(BaseModel):
    """One look at a home's or a person's data. `what` names the list or thing that was looked at."""

    seq: int
    at: datetime
    name: str
    what: Look
    unit_id: str | None
    estate_id: str | None
    about: dict[str, Any]


class Session(BaseModel):
    """Whoever asks; `estates` are those that they see, null: all."""

    name: str
    role: str
    estates: list[str] | None


class Held(BaseModel):
    """A message that could not be taken in. `reason` is a code, `reason_text` its words.

    `detail` is what the program noted, for whoever mends the device; `detail_text` says it in the language asked for
    where that is known.
    """

    id: int
    topic: str
    source: str
    reason: str
    reason_text: str
    detail: str
    detail_text: str
    state: str
    times: int
    first_at: datetime
    last_at: datetime
    replayed_at: datetime | None


class HeldMessage(Held):
    """A held message whole; what is not UTF-8 is shown escaped."""

    payload: str


class Replay(BaseModel):
    """What a replay came to: taken in, or still held and why."""

    replayed: bool
    reason: str | None = None
    reason_text: str | None = None
    detail: str | None = None
    detail_text: str | None = None


class Problem(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
