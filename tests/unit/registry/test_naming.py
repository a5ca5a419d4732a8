from gateway.registry.naming import name_lists
from gateway.registry.rows import ListName


def named(*titles):
    return name_lists({title: f"{title}.csv" for title in titles}, "folder")


def test_lists_are_found_whatever_the_case():
    naming = named("Units", " persons ")
    assert naming.titles == {ListName.UNITS: "Units", ListName.PERSONS: " persons "}
    assert naming.faults == ()


def test_a_slip_of_the_pen_is_a_fault():
    assert [str(fault) for fault in named("units", "houshold", "units2").faults] == [
        "houshold.csv: is none of the lists; did you mean households?",
        "units2.csv: is none of the lists; did you mean units?",
    ]


def test_other_things_are_left_aside_and_named():
    naming = named("units", "readings", "说明")
    assert naming.ignored == ("readings.csv", "说明.csv")
    assert naming.faults == ()


def test_the_same_list_twice_is_a_fault():
    assert [str(fault) for fault in named("UNITS", "units").faults] == ["units.csv: is the same list as UNITS.csv"]


def test_nothing_known_is_a_fault():
    assert [str(fault) for fault in named("readme").faults] == [
        "folder: holds none of the lists (estates, units, households, persons, devices, absences)"
    ]
