"""Devices' accounts with a real Mosquitto: who gets in, and what reaches the gateway."""

import queue
import subprocess

import paho.mqtt.client as mqtt
import pytest
from integration.little_estate import LISTS
from paho.mqtt.enums import CallbackAPIVersion
from servers.tools import program, wait_until
from typer.testing import CliRunner

from gateway import settings as configuration
from gateway.cli import device as command
from gateway.errors import ConfigError, InputFileError, NotFoundError
from gateway.store.database import connect

VENDOR = "INSERT INTO devices (device_id, estate_id, kind, codec) VALUES ('face-7', 'e1', 'door', 'facesluice')"


@pytest.fixture
def shell(database, monkeypatch):
    with connect(database) as conn:
        conn.execute(LISTS)
        conn.execute(VENDOR)
    monkeypatch.setenv("ESTATE_DATABASE_URL", database)
    configuration.load.cache_clear()
    runner = CliRunner()

    def run(*words):
        result = runner.invoke(command.app, ["credential", *map(str, words)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result

    yield run
    configuration.load.cache_clear()


class Client:
    """A client of the broker that says how its login went and what it hears."""

    def __init__(self, broker, user, password):
        self.answers, self.heard = queue.Queue(), queue.Queue()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"as-{user}", protocol=mqtt.MQTTv5)
        self.client.username_pw_set(user, password)
        self.client.on_connect = lambda _c, _u, _f, code, _p: self.answers.put(str(code))
        self.client.on_subscribe = lambda *_: self.answers.put("subscribed")
        self.client.on_message = lambda _c, _u, message: self.heard.put((message.topic, message.payload))
        self.client.connect("127.0.0.1", broker.port)
        self.client.loop_start()
        self.login = self.answers.get(timeout=20)

    def say(self, topic, payload):
        info = self.client.publish(topic, payload, qos=1)
        info.wait_for_publish(20)

    def end(self):
        self.client.disconnect()
        self.client.loop_stop()


def test_a_device_gets_in_and_reaches_nobody_elses_topics(shell, mosquitto):
    tool = program("mosquitto_passwd", "Mosquitto's password tool")
    subprocess.run([tool, "-b", "-c", mosquitto.folder / "passwords", "gateway", "secret"], check=True)
    (mosquitto.folder / "rights").write_text("user gateway\ntopic readwrite #\n", "utf-8")
    meter, face = (
        shell("add", *words).stdout.strip()
        for words in (("w1",), ("face-7", "--write", "mqtt/face/face-7/+", "--read", "mqtt/face/face-7"))
    )
    shell("add", "d0")
    shell("write", mosquitto.folder)
    mosquitto.require_accounts()

    gateway = Client(mosquitto, "gateway", "secret")
    gateway.client.subscribe("#", qos=1)
    assert gateway.answers.get(timeout=20) == "subscribed"
    device = Client(mosquitto, "w1", meter)
    assert device.login == "Success"
    device.say("estate/v1/e1/meter/m1/reading", "another's")
    device.say("estate/v1/e1/meter/w1/reading", "its own")
    assert gateway.heard.get(timeout=20) == ("estate/v1/e1/meter/w1/reading", b"its own")

    terminal = Client(mosquitto, "face-7", face)
    terminal.client.subscribe("mqtt/face/face-7", qos=1)
    assert terminal.answers.get(timeout=20) == "subscribed"
    gateway.say("mqtt/face/face-7", "an answer")
    assert terminal.heard.get(timeout=20)[1] == b"an answer"

    shell("revoke", "w1")
    shell("write", mosquitto.folder)
    mosquitto.reload()
    wait_until(lambda: _login(mosquitto, "w1", meter) == "Not authorized", what="a revoked device is refused")
    assert _login(mosquitto, "gateway", "secret") == "Success"
    for client in (gateway, device, terminal):
        client.end()


def _login(broker, user, password):
    client = Client(broker, user, password)
    client.end()
    return client.login


def test_accounts_are_listed_and_a_new_password_takes_the_old_ones_place(shell, tmp_path, database):
    old, new = shell("add", "w1").stdout, shell("add", "w1").stdout
    assert old != new
    shell("write", tmp_path)
    first = (tmp_path / "passwords").read_text()
    assert first.startswith("w1:$7$101$")
    assert first.count("\n") == 1
    assert (tmp_path / "passwords").stat().st_mode & 0o777 == 0o640
    assert "estate/v1/e1/meter/w1/status" in shell("list").output
    shell("revoke", "w1")
    shell("write", tmp_path)
    assert (tmp_path / "passwords").read_text() == ""
    assert "revoked" in shell("list").output
    with pytest.raises(NotFoundError, match="no account"):
        shell("revoke", "w1")
    with connect(database) as conn:
        (stored,) = conn.execute("SELECT password_hash FROM device_credentials").fetchone()
    assert new.strip() not in stored


def test_what_is_missing_is_said(shell, tmp_path):
    with pytest.raises(NotFoundError, match="no list names the device w9"):
        shell("add", "w9")
    with pytest.raises(ConfigError, match="--write: face-7 speaks facesluice"):
        shell("add", "face-7")
    with pytest.raises(InputFileError, match="cannot write in"):
        shell("write", tmp_path / "nowhere")
