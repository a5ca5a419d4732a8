import pytest

from device_sim.broker import Broker, parse_broker
from device_sim.errors import BadParameterError


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("mqtt://127.0.0.1:1884", Broker("127.0.0.1", 1884, None, None, encrypted=False)),
        ("mqtt://hub", Broker("hub", 1883, None, None, encrypted=False)),
        ("mqtts://me:a%40b@hub", Broker("hub", 8883, "me", "a@b", encrypted=True)),
    ],
)
def test_addresses_are_understood(url, broker):
    assert parse_broker(url) == broker
    assert (broker.tls() is not None) == broker.encrypted


@pytest.mark.parametrize("url", ["http://hub", "hub:1883", "mqtt://", "mqtt://hub:port"])
def test_other_addresses_are_refused_by_the_options_name(url):
    with pytest.raises(BadParameterError, match="--mqtt"):
        parse_broker(url)


def test_a_password_is_not_repeated():
    with pytest.raises(BadParameterError) as refused:
        parse_broker("http://me:secret@hub")
    assert "secret" not in str(refused.value)
