"""`estate run` against a Mosquitto and a PostgreSQL that are not its own."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import psycopg
import pytest
from paho.mqtt import publish
from servers.processes import of_home
from servers.tools import free_port, wait_until

pytestmark = pytest.mark.slow


def test_the_gateway_runs_on_configured_servers_and_stops_clean(home, mosquitto, database):
    port = free_port()
    settings = {"ESTATE_DATABASE_URL": database, "ESTATE_MQTT_URL": mosquitto.url, "ESTATE_HTTP_PORT": str(port)}
    gateway = run(home, settings)
    try:
        wait_until(lambda: is_ready(port), within_s=60, what="the console")
        wait_until(lambda: quarantined(mosquitto.port, database), within_s=30, what="a message in quarantine")
        assert not (home / "postgres").exists()
        assert not (home / "broker").exists()
        names = {process.cmdline()[-1] for process in of_home(home)}
        assert {"run", "ingest", "--watch", "serve"} <= names

        (serve,) = [process for process in of_home(home) if process.cmdline()[-1] == "serve"]
        serve.kill()
        wait_until(lambda: not is_ready(port), what="the console gone")
        wait_until(lambda: is_ready(port), within_s=60, what="the console again")

        gateway.send_signal(signal.SIGTERM)
        assert gateway.wait(timeout=60) == 0
        assert of_home(home) == []
    finally:
        gateway.kill()
        gateway.communicate()


def test_a_port_in_use_is_refused_before_anything_starts(home, mosquitto):
    gateway = run(home, {"ESTATE_HTTP_PORT": str(mosquitto.port)})
    said = gateway.communicate(timeout=60)[1]
    assert gateway.returncode == 1
    assert said.count("\n") == 1
    assert f"port {mosquitto.port} on 127.0.0.1 is in use" in said
    assert list(home.iterdir()) == []


def test_another_address_is_refused_with_a_reason(home):
    gateway = run(home, {"ESTATE_HTTP_HOST": "0.0.0.0"})
    assert "estate: ESTATE_HTTP_HOST: the console has no accounts yet" in gateway.communicate(timeout=60)[1]
    assert gateway.returncode == 2


def run(home, settings):
    return subprocess.Popen(
        [sys.executable, "-m", "gateway", "run"],
        env={**os.environ, "ESTATE_HOME": str(home), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def is_ready(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError):
        return False


def quarantined(port, database):
    publish.single("estate/v1/e1/meter/m1/reading", b"{", qos=1, hostname="127.0.0.1", port=port)
    with psycopg.connect(database) as conn:
        return conn.execute("SELECT exists(SELECT FROM quarantine)").fetchone()[0]
