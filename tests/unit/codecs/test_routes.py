"""Which dialect reads which topic."""

import textwrap
from pathlib import Path

import pytest
from msgspec import Struct
from unit.codecs.site import site

from gateway.codecs import catalogue, native
from gateway.codecs.dialect import Dialect
from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.codecs.routes import Route, RouteError, Routes, is_topic_filter, routes_of
from gateway.events import DeviceKind, Reading


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    unit: str = "L"


def codec(options):
    if options.unit == "pint":
        raise ValueError("unit pint is not one of L, m3")
    return lambda message, site: options.unit


PINTS = Dialect(name="pints", codec=codec, options=Options, topics=("pints/+/up",), largest=9)


@pytest.fixture(autouse=True)
def _pints(monkeypatch):
    """A dialect of another package."""

    class Point:
        name = value = "pints:DIALECT"
        load = staticmethod(
            lambda: Dialect(name="pints", codec=codec, options=Options, topics=("pints/+/up",), largest=9)
        )

    monkeypatch.setattr(catalogue, "entry_points", lambda group: [Point] if group == catalogue.GROUP else [])
    catalogue.dialects.cache_clear()
    yield
    catalogue.dialects.cache_clear()


def read(routes, topic, payload=b""):
    return routes.find(topic).decode(Message(topic, payload, 0), None)


def test_a_dialect_of_another_package_is_found_by_its_usual_topics():
    assert read(Routes(), "pints/7/up") == "L"


def test_the_configuration_comes_before_the_usual_topics_and_the_first_line_that_fits_is_taken():
    routes = routes_of({"pints/7/#": {"dialect": "pints", "unit": "m3"}, "pints/+/up": "native"})
    assert read(routes, "pints/7/up") == "m3"
    assert routes.find("pints/8/up").dialect is native.DIALECT
    assert routes.topic_filters == ("pints/7/#", "pints/+/up")


def test_what_no_filter_claims_is_the_native_dialects_to_refuse():
    with pytest.raises(UndecodableError) as caught:
        read(Routes(), "nobody/knows")
    assert caught.value.reason is Reason.UNKNOWN_TOPIC


def test_a_message_larger_than_its_dialect_allows_is_refused():
    with pytest.raises(UndecodableError) as caught:
        read(Routes(), "pints/7/up", b"x" * 10)
    assert caught.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize(
    ("topic_filter", "topic", "fits"),
    [
        ("a/+/c", "a/b/c", True), ("a/+/c", "a/b/d/c", False), ("a/#", "a", True), ("a/#", "a/b/c", True),
        ("a/#", "ab", False), ("#", "x/y", True), ("+", "x/y", False), ("a.c/+", "abc/d", False), ("+/+", "/x", True),
        ("a/+", "a/x\ny", True),
    ],
)  # fmt: skip
def test_filters_fit_as_mqtt_has_them(topic_filter, topic, fits):
    found = routes_of({topic_filter: "pints"}).find(topic)
    assert (found.topic_filter == topic_filter) is fits


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ({"a/#/b": "pints"}, "is not an MQTT topic filter"),
        ({"a/b+": "pints"}, "is not an MQTT topic filter"),
        ({"": "pints"}, "is not an MQTT topic filter"),
        ({"a": "inches"}, "a: dialect 'inches' is not one of "),
        ({"a": {"unit": "L"}}, "a: dialect None is not one of "),
        ({"a": {"dialect": "pints", "colour": 1}}, "a: pints: Object contains unknown field `colour`"),
        ({"a": {"dialect": "pints", "unit": 1}}, "a: pints: Expected `str`"),
        ({"a": {"dialect": "pints", "unit": "pint"}}, "a: pints: unit pint is not one of L, m3"),
    ],
)
def test_a_wrong_line_says_what_is_wrong_with_it(lines, says):
    with pytest.raises(RouteError) as caught:
        routes_of(lines)
    assert says in str(caught.value)


def test_a_package_may_not_take_a_name_that_is_taken(monkeypatch):
    class Point:
        name = value = "mine:DIALECT"
        load = staticmethod(lambda: native.DIALECT)

    monkeypatch.setattr(catalogue, "entry_points", lambda group: [Point])
    catalogue.dialects.cache_clear()
    with pytest.raises(ValueError, match="there is a dialect native already"):
        catalogue.dialects()


def test_plus_and_hash_are_refused_inside_a_level():
    assert [is_topic_filter(text) for text in ("a/+/#", "a/b#", "#/a", "+a")] == [True, False, False, False]


def test_the_worked_example_of_the_documentation_works():
    text = (Path(__file__).parents[3] / "docs" / "devices.md").read_text("utf-8")
    example = text[
        text.index('    """Acme water meters') : text.index("In this package it is `gateway/codecs/acme.py`")
    ]
    module = {"__name__": "acme"}
    exec(textwrap.dedent(example), module)
    dialect = module["DIALECT"]
    route = Route(dialect.topics[0], dialect, dialect.codec(dialect.options(factor=10)))
    decode = Routes([route]).find("acme/4711/up").decode
    said = Message("acme/4711/up", b'{"vol": 12345, "at": 1783216800, "bat": 87}', 0)
    assert decode(said, site("4711")).events == (Reading("4711", DeviceKind.WATER, 1_783_216_800_000_000, 123.45),)
    with pytest.raises(UndecodableError):
        decode(Message("acme/4711/up", b"{}", 0), site("4711"))
