from gateway.visits.walk import Place, walking_key


def place(building="1", entrance="1", floor=1, room="101", estate_id="e1"):
    return Place(estate_id=estate_id, building=building, entrance=entrance, floor=floor, room=room)


def test_building_then_entrance_then_floors_downwards_then_room():
    route = [
        place("2", "1", 6, "601"),
        place("2", "1", 6, "602"),
        place("2", "1", 5, "501"),
        place("2", "1", None, "001"),
        place("2", "2", 9, "901"),
        place("10", "1", 1, "101"),
        place("1", estate_id="e2"),
    ]
    mixed = route[1::2] + route[::2]
    assert sorted(mixed, key=walking_key) == route


def test_numbers_in_names_sort_as_numbers():
    names = ["b2", "b10", "南2栋", "南10栋"]
    assert sorted(sorted(names), key=lambda name: walking_key(place(name))) == names
