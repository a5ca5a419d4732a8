"""What the demonstration remembers, and what it refuses."""

import pytest

from gateway.demo import record, removal
from gateway.demo.record import Record, Wish
from gateway.embedded.locks import locked
from gateway.errors import RefusedError
from gateway.settings import Settings

MADE = Record(units=40, days=45, seed=3, database="embedded", claimed=True, done=("world", "registry", "history"))


def test_a_first_start_takes_what_is_asked_and_defaults():
    assert record.choose(None, Wish(units=50)) == Record(units=50, days=60, seed=3)


@pytest.mark.parametrize("wish", [Wish(), Wish(units=40), Wish(40, 45, 3)])
def test_a_second_start_goes_on(wish):
    assert record.choose(MADE, wish) is MADE


@pytest.mark.parametrize("wish", [Wish(units=41), Wish(days=44), Wish(40, 45, 2)])
def test_another_world_is_refused(wish):
    with pytest.raises(RefusedError, match=r"has 40 units, 45 days and seed 3; .*--fresh"):
        record.choose(MADE, wish)


def test_the_record_survives(home):
    assert record.load(home) is None
    record.save(home, MADE)
    assert record.load(home) == MADE
    (home / "demo" / "demo.json").write_text("{")
    assert record.load(home) is None


def test_a_database_that_holds_an_estate_of_somebody_is_left_alone():
    with pytest.raises(RefusedError, match="holds an estate already"):
        Record().for_database("embedded", filled=True)
    with pytest.raises(RefusedError, match="holds an estate already"):
        MADE.for_database("db.example:5432/estate", filled=True)


def test_our_own_database_is_gone_on_with():
    assert MADE.for_database("embedded", filled=True) == MADE


def test_an_emptied_or_another_database_is_filled_again():
    assert MADE.for_database("embedded", filled=False).done == ("world",)
    other = MADE.for_database("db.example:5432/estate", filled=False)
    assert (other.done, other.database, other.claimed) == (("world",), "db.example:5432/estate", True)


def test_fresh_removes_only_what_the_demonstration_made(home):
    fill(home)
    record.save(home, MADE)
    removal.remove(Settings(home=home))
    assert {"keepsake", "postgres.log", "broker/port"} <= names(home)
    assert names(home).isdisjoint({"postgres", "broker/data", "demo"})


def test_fresh_without_a_demonstration_leaves_the_database(home):
    fill(home)
    removal.remove(Settings(home=home))
    assert {"postgres", "broker/data", "keepsake"} <= names(home)


def test_fresh_leaves_configured_servers_alone(home):
    fill(home)
    record.save(home, MADE)
    with pytest.raises(RefusedError, match="empty the database of ESTATE_DATABASE_URL yourself"):
        removal.remove(Settings(home=home, database_url="postgresql://db.example/estate"))
    assert record.load(home) == MADE


def test_fresh_waits_for_other_users_to_end(home):
    record.save(home, MADE)
    (home / "run").mkdir()
    with locked(home / "run" / "database.keeper"), pytest.raises(RefusedError, match="uses the database"):
        removal.remove(Settings(home=home))


def fill(home):
    (home / "run").mkdir()
    (home / "postgres").mkdir()
    (home / "broker" / "data").mkdir(parents=True)
    for name in ("keepsake", "postgres.log", "broker/port"):
        (home / name).write_text("x")


def names(home):
    return {str(path.relative_to(home)) for path in home.rglob("*")}
