"""What `estate registry check` says, seen at noon of 2026-06-15 in Shanghai."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.codecs.message import Reason
from gateway.events import DeviceKind
from gateway.registry.agreement.compare import compare
from gateway.registry.facts import Facts, PersonSeen, Refused
from gateway.registry.rows import Absence, Care, Device, Estate, Household, Lists, Person, Role, Tenure, Unit

NOW = datetime(2026, 6, 15, 4, tzinfo=UTC)
TODAY = date(2026, 6, 15)
YESTERDAY = TODAY - timedelta(days=1)


def unit(unit_id="u1", tenure=Tenure.LEASED, room="101", entrance="1"):
    return Unit(unit_id, "e1", "A", entrance, 1, room, None, tenure)


def household(household_id="h1", unit_id="u1", start=None, end=None):
    return Household(household_id, unit_id, None, start, end, "", Care.NONE)


def device(device_id, kind, unit_id=None, building="", entrance=""):
    return Device(device_id, "e1", kind, unit_id, building, entrance, "native", None)


WATER, ELECTRICITY = device("w1", DeviceKind.WATER, "u1"), device("m1", DeviceKind.ELECTRICITY, "u1")
LISTS = Lists(
    estates=(Estate("e1", "滨河", "Asia/Shanghai"),),
    units=(unit(),),
    households=(household(),),
    persons=(Person("p1", "h1", Role.TENANT, None, None, face_enrolled=True),),
    devices=(WATER, ELECTRICITY, device("d1", DeviceKind.DOOR, building="A", entrance="1")),
)


def said(lists, *, seen=(), refused=(), heard=None):
    heard = {device.device_id: NOW for device in lists.devices} | (heard or {})
    found = compare(lists, Facts(NOW, heard, tuple(seen), tuple(refused)))
    return [f"{item.estate_id} {item.matter}: {item.subject} {item.text}".strip() for item in found]


def test_nothing_is_said_where_all_agree():
    assert said(LISTS, seen=[PersonSeen("e1", "p1", NOW, 5, "d1")]) == []


def test_units_without_meters():
    units = (unit(), unit("u2", Tenure.VACANT, room="102"), unit("u3", Tenure.VACANT, room="103"))
    devices = (*LISTS.devices, device("w2", DeviceKind.WATER, "u2"))
    assert said(replace(LISTS, units=units, devices=devices)) == [
        "e1 unit without meter: u2 has no electricity meter",
        "e1 unit without meter: u3 has no meter",
    ]


def test_a_kind_of_meter_that_the_estate_does_not_have_is_not_missed():
    assert said(replace(LISTS, devices=(WATER,))) == []


def test_devices_without_units():
    devices = (
        *LISTS.devices,
        device("w2", DeviceKind.WATER),
        device("d2", DeviceKind.DOOR, building="B"),
        device("d3", DeviceKind.DOOR, building="A", entrance="2"),
        device("d4", DeviceKind.DOOR),
        device("d5", DeviceKind.DOOR, building="A"),
    )
    assert said(replace(LISTS, devices=devices)) == [
        "e1 device without unit: d2 no unit is behind this door: building B has none",
        "e1 device without unit: d3 no unit is behind this door: building A, entrance 2 has none",
        "e1 device without unit: w2 this water meter belongs to no unit",
    ]


def test_devices_that_are_silent():
    heard = {"w1": None, "m1": NOW - timedelta(days=7), "d1": NOW - timedelta(days=6, hours=23)}
    assert said(LISTS, heard=heard) == [
        "e1 device silent: m1 has sent nothing since 2026-06-08",
        "e1 device silent: w1 has never sent anything",
    ]


def test_an_estate_that_has_not_begun_is_said_in_one_line():
    assert said(LISTS, heard={"w1": None, "m1": None, "d1": None}) == [
        "e1 device silent: e1 none of the estate's 3 devices has sent anything yet"
    ]


def test_devices_that_no_list_has():
    topic = "estate/v1/e1/meter/w9/"
    refused = (
        Refused(topic + "reading", Reason.UNKNOWN_DEVICE, "w9", 3),
        Refused(topic + "status", Reason.UNKNOWN_DEVICE, "w9", 1),
        Refused("history/readings.csv", Reason.UNKNOWN_DEVICE, "w1", 1),
        Refused("estate/v1/e2/meter/w1/reading", Reason.WRONG_ESTATE, "w1 belongs to e1, not e2", 2),
    )
    assert said(LISTS, refused=refused) == [
        "device not listed: w1 listed by now, to be replayed; 1 message held in quarantine",
        "e1 device not listed: w9 no list has this device; 4 messages held in quarantine",
        "e2 device not listed: w1 w1 belongs to e1, not e2; 2 messages held in quarantine",
    ]


def test_persons_at_the_door_whom_no_list_names():
    # 17:00 UTC is past midnight in Shanghai: the first was last seen on the 15th, within the listing.
    evening = datetime(2026, 6, 14, 17, tzinfo=UTC)
    persons = (
        Person("p1", "h1", Role.TENANT, None, TODAY, face_enrolled=True),
        Person("p2", "h1", Role.TENANT, None, YESTERDAY, face_enrolled=True),
    )
    seen = [PersonSeen("e1", who, evening, 4, "d1") for who in ("p1", "p2", "p9")]
    assert said(replace(LISTS, persons=persons), seen=seen) == [
        "e1 person not listed: p2 listed until 2026-06-14, seen until 2026-06-15, at d1",
        "e1 person not listed: p9 no list names this person; 4 events up to 2026-06-15, at d1",
    ]


def test_residents_listed_beyond_their_lease():
    lists = replace(
        LISTS,
        units=(unit(tenure=Tenure.VACANT),),
        households=(household(end=YESTERDAY),),
        persons=(
            *LISTS.persons,
            Person("p2", "h1", Role.MEMBER, None, YESTERDAY, face_enrolled=True),
            Person("p3", "h1", Role.CAREGIVER, None, None, face_enrolled=True),
            Person("p4", None, Role.STAFF, None, None, face_enrolled=True),
        ),
    )
    assert said(lists) == ["e1 person listed too long: h1 the lease ended on 2026-06-14, the list still has p1"]


def test_a_household_with_more_people_than_it_registered():
    people = [Person(who, "h1", Role.MEMBER, None, None, face_enrolled=True) for who in ("p1", "p2", "p3")]
    over = [Person("p4", "h1", Role.MEMBER, None, YESTERDAY, face_enrolled=True)]
    others = [Person("p5", "h1", Role.CAREGIVER, None, None, face_enrolled=True)]
    lists = replace(LISTS, persons=(*people, *over, *others))
    for size, told in ((2, ["2 persons registered, 3 tenants and members listed today"]), (3, []), (None, [])):
        sized = replace(household(), size=size)
        assert said(replace(lists, households=(sized,))) == [f"e1 more persons than size: h1 {text}" for text in told]


def test_two_active_leases_on_a_unit():
    lists = replace(LISTS, households=(household(), household("h2", start=TODAY)))
    assert said(lists) == ["e1 two active leases: u1 leased today to h1 and h2"]


@pytest.mark.parametrize(
    ("end", "overlap"), [(date(2026, 12, 31), 1), (date(2026, 12, 30), 0)], ids=["share a day", "follow each other"]
)
def test_leases_that_overlap_at_another_time(end, overlap):
    lists = replace(LISTS, households=(household(end=end), household("h2", start=date(2026, 12, 31))))
    assert said(lists) == ["e1 leases overlap: u1 the leases of h1 and h2 share days"] * overlap


def test_a_long_lease_overlaps_with_every_short_one_inside():
    short = [household(f"h{month}", start=date(2020, month, 1), end=date(2020, month, 9)) for month in (2, 3)]
    lists = replace(LISTS, households=(household(), *short))
    assert said(lists) == [
        "e1 leases overlap: u1 the leases of h1 and h2 share days",
        "e1 leases overlap: u1 the leases of h1 and h3 share days",
    ]


@pytest.mark.parametrize(
    ("households", "text"),
    [
        ((), "listed as leased, but no household has it"),
        ((household(end=YESTERDAY),), "listed as leased, but the lease of h1 ended on 2026-06-14"),
        (
            (household(end=YESTERDAY), household("h2", start=date(2026, 7, 1))),
            "listed as leased, but the lease of h2 begins on 2026-07-01",
        ),
    ],
)
def test_leased_without_a_lease(households, text):
    assert said(replace(LISTS, households=households, persons=())) == [f"e1 tenure and lease: u1 {text}"]


@pytest.mark.parametrize("tenure", [Tenure.VACANT, Tenure.HELD, Tenure.REPAIR])
def test_a_lease_on_a_unit_that_should_be_empty(tenure):
    assert said(replace(LISTS, units=(unit(tenure=tenure),))) == [
        f"e1 tenure and lease: u1 listed as {tenure}, but h1 has a lease today"
    ]


def test_absences_that_overlap():
    absences = (Absence("h1", date(2026, 1, 1), date(2026, 1, 9), ""), Absence("h1", date(2026, 1, 9), None, ""))
    assert said(replace(LISTS, absences=absences)) == [
        "e1 absences overlap: h1 two absences of this household share days from 2026-01-09"
    ]
    apart = (absences[0], replace(absences[1], start=date(2026, 1, 10)))
    assert said(replace(LISTS, absences=apart)) == []


def test_two_units_at_one_address():
    devices = (*LISTS.devices, device("w2", DeviceKind.WATER, "u2"), device("m2", DeviceKind.ELECTRICITY, "u2"))
    units = (unit(), unit("u2", Tenure.VACANT))
    text = "another unit has the same address: building A, entrance 1, 101"
    assert said(replace(LISTS, units=units, devices=devices)) == [
        f"e1 same address: u1 {text}",
        f"e1 same address: u2 {text}",
    ]
    elsewhere = (unit(), unit("u2", Tenure.VACANT, entrance="2"))
    assert said(replace(LISTS, units=elsewhere, devices=devices)) == []
