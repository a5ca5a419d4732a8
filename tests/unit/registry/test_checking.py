from datetime import date

from gateway.events import DeviceKind
from gateway.registry.checking import Known, KnownDevice, doubtful_devices
from gateway.registry.parsing import parse_lists
from gateway.registry.reading import read_registry
from gateway.registry.rows import Absence, Care, Device, Estate, Household, ListName, Person, Role, Tenure, Unit

UNITS = "unit_id,estate_id,building,entrance,floor,room,area_m2,tenure\n"
HOUSEHOLDS = "household_id,unit_id,size,lease_start,lease_end,category,care\n"
PERSONS = "person_id,household_id,role,valid_from,valid_to,face_enrolled\n"
DEVICES = "device_id,estate_id,kind,unit_id,building,entrance,codec,register_digits\n"
ESTATES = "estate_id,name,timezone\n"


def test_right_lists_come_out_typed(examine):
    lists, faults = examine()
    assert faults == []
    assert lists.estates == (Estate("river", "滨河家园", "Asia/Shanghai"),)
    assert lists.units[0] == Unit("u1", "river", "1号楼", "一单元", -1, "101", 52.5, Tenure.LEASED)
    assert lists.units[1].floor is None
    assert lists.units[1].area_m2 is None
    assert lists.households[0] == Household(
        "h1", "u1", 2, date(2025, 1, 1), date(2027, 12, 31), "低保", Care.LONE_ELDER
    )
    assert lists.persons == (
        Person("p1", "h1", Role.TENANT, date(2025, 1, 1), None, face_enrolled=True),
        Person("p2", None, Role.STAFF, None, None, face_enrolled=False),
    )
    assert lists.devices[0] == Device("w1", "river", DeviceKind.WATER, "u1", "", "", "native", 5)
    assert lists.devices[1].unit_id is None
    assert lists.absences[1] == Absence("h2", date.min, None, "")


def test_references_to_nothing_are_told(examine):
    _, faults = examine(
        units=UNITS + "u1,lake,1,1,,101,,leased\n",
        households=HOUSEHOLDS + "h1,u9,,,,,\n",
        persons=PERSONS + "p1,h9,tenant,,,1\n",
        devices=DEVICES + "w1,lake,water,u9,,,,\n",
        absences="household_id,start,end,reason\nh9,,,\n",
    )
    assert faults == [
        'units.csv:2 estate_id: "lake" is neither in estates nor in the database',
        'households.csv:2 unit_id: "u9" is neither in units nor in the database',
        'persons.csv:2 household_id: "h9" is neither in households nor in the database',
        'devices.csv:2 estate_id: "lake" is neither in estates nor in the database',
        'devices.csv:2 unit_id: "u9" is neither in units nor in the database',
        'absences.csv:2 household_id: "h9" is neither in households nor in the database',
    ]


def test_what_the_database_has_may_be_referred_to(examine):
    known = Known(
        estates={"river": "Asia/Shanghai"}, units={"u1": "river", "u2": "river"}, households=frozenset({"h1", "h2"})
    )
    _, faults = examine(known, estates=None, units=None, households=None)
    assert faults == []


def test_a_faulty_row_is_there_for_those_that_refer_to_it(examine):
    _, faults = examine(units=UNITS + "u1,river,1,1,x,101,,leased\nu2,river\n")
    assert faults == [
        'units.csv:2 floor: "x" is not a whole number',
        "units.csv:3: has 2 columns where the header has 8",
    ]


def test_an_unreadable_list_is_told_once(examine):
    _, faults = examine(units=UNITS.encode("utf-16"))
    assert faults == ['units.csv:1: is UTF-16; save it as "CSV UTF-8"']
    _, faults = examine(units="estate_id\nriver\n")
    assert {fault.split()[0] for fault in faults} == {"units.csv:1"}


def test_a_devices_unit_is_in_the_devices_estate(examine):
    estates = ESTATES + "river,滨河,Asia/Shanghai\nlake,湖,Asia/Shanghai\n"
    _, faults = examine(estates=estates, devices=DEVICES + "w1,lake,water,u1,,,,\n")
    assert faults == ['devices.csv:2 unit_id: "u1" is in estate "river", the device in "lake"']
    known = Known(units={"u1": "river", "u2": "river"})
    _, faults = examine(known, estates=estates, units=None, devices=DEVICES + "w1,lake,water,u1,,,,\n")
    assert faults == ['devices.csv:2 unit_id: "u1" is in estate "river", the device in "lake"']


def test_a_unit_stays_in_its_estate(examine):
    _, faults = examine(Known(estates={"lake": "Asia/Shanghai"}, units={"u1": "lake"}))
    assert faults == [
        'units.csv:2 estate_id: the database has this unit in estate "lake"; a unit stays in its estate, use another id'
    ]


def test_a_device_that_spoke_keeps_its_kind_and_estate(examine):
    known = Known(devices={"w1": KnownDevice("electricity", "lake"), "d1": KnownDevice("door", "river")})
    _, faults = examine(known)
    assert faults == [
        'devices.csv:2 estate_id: this device has sent data as "lake"; its estate_id cannot change any more',
        'devices.csv:2 kind: this device has sent data as "electricity"; its kind cannot change any more',
    ]


def test_a_device_that_never_spoke_may_be_corrected(examine):
    _, faults = examine(Known(devices={"w1": KnownDevice("electricity", "lake")}, never_spoke=frozenset({"w1"})))
    assert faults == []


def test_an_estate_with_data_keeps_its_time_zone(examine):
    devices = {"w1": KnownDevice("water", "river"), "d1": KnownDevice("door", "river")}
    known = Known(estates={"river": "Asia/Urumqi"}, devices=devices, never_spoke=frozenset({"w1"}))
    assert examine(known)[1] == [
        'estates.csv:2 timezone: this estate has data in days of "Asia/Urumqi"; its timezone cannot change any more'
    ]
    silent = Known(estates={"river": "Asia/Urumqi"}, devices=devices, never_spoke=frozenset({"w1", "d1"}))
    assert examine(silent)[1] == []


def test_which_devices_it_matters_for_whether_they_spoke(examine, tmp_path):
    examine()
    parsed = parse_lists(read_registry(tmp_path))
    same = {"w1": KnownDevice("water", "river"), "d1": KnownDevice("door", "river"), "e1": KnownDevice("door", "river")}
    assert doubtful_devices(parsed, Known(estates={"river": "Asia/Shanghai"}, devices=same)) == frozenset()
    assert doubtful_devices(parsed, Known(estates={"river": "UTC"}, devices=same)) == {"w1", "d1", "e1"}
    assert doubtful_devices(parsed, Known(devices=same | {"w1": KnownDevice("door", "river")})) == {"w1"}


def test_all_faults_of_all_files_come_at_once_in_order(examine):
    _, faults = examine(
        estates=ESTATES + "river,滨河,Mars/Base\n",
        units=UNITS + "u1,river,1,1,x,101,nan,leased\nu1,river,1,1,1,,inf,sold\n",
        devices=DEVICES + "w1,river,gas,u1,,,,13\n",
        houshold="",
        persons=PERSONS + "p1,h1,tenant,2026-01-02,2026-01-01,2\n",
    )
    assert [fault.split(": ")[0] for fault in faults] == [
        "estates.csv:2 timezone",
        "units.csv:2 floor",
        "units.csv:2 area_m2",
        "units.csv:3 room",
        "units.csv:3 area_m2",
        "units.csv:3 tenure",
        "units.csv:3 unit_id",
        "households.csv:3 unit_id",
        "persons.csv:2 face_enrolled",
        "persons.csv:2 valid_to",
        "devices.csv:2 kind",
        "devices.csv:2 register_digits",
        "houshold.csv",
    ]


def test_lists_that_are_not_there_are_empty(examine, tmp_path):
    lists, faults = examine(
        estates=ESTATES + "river,滨河,UTC\n", units=None, households=None, persons=None, devices=None, absences=None
    )
    assert faults == []
    assert lists.units == ()
    assert list(read_registry(tmp_path).tables) == [ListName.ESTATES]
