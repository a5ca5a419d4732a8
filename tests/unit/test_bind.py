"""Where the console may listen."""

import socket

import pytest
from servers.tools import free_port

from gateway.bind import check_bind, console_address, without_password
from gateway.errors import ConfigError, PortInUseError
from gateway.settings import Settings


@pytest.fixture
def taken():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.5", "localhost", "::1"])
def test_this_machine_is_fine(host):
    check_bind(Settings(http_host=host, http_port=free_port()))


def test_a_port_in_use_is_said_with_the_cure(taken):
    with pytest.raises(PortInUseError, match=f"^port {taken} on 127.0.0.1 is in use .*ESTATE_HTTP_PORT"):
        check_bind(Settings(http_port=taken))


def test_a_port_for_root_only(monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(ConfigError, match="ESTATE_HTTP_PORT: 80 is for root only"):
        check_bind(Settings(http_port=80))


def test_the_address_to_open():
    assert console_address(Settings(http_host="::1", http_port=81)) == "http://[::1]:81/"
    assert console_address(Settings()) == "http://127.0.0.1:8080/"


def test_an_address_is_shown_without_its_password():
    assert without_password("mqtts://gateway:secret@broker:8883") == "mqtts://broker:8883"
    assert without_password("mqtt://127.0.0.1:1884") == "mqtt://127.0.0.1:1884"
