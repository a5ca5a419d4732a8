"""The embedded servers live exactly as long as somebody uses them, however their users end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest
from servers.processes import of_home
from servers.tools import listens, wait_until

from gateway.embedded import broker_url, database_url, kept
from gateway.embedded.home import sole_gateway
from gateway.errors import BrokerUnavailableError, ConfigError, DatabaseUnavailableError, RefusedError
from gateway.settings import Settings

USER = """
import signal, sys, time
from pathlib import Path
from urllib.parse import unquote
from gateway.embedded import broker_url, database_url
from gateway.settings import Settings

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs inherit that it is ignored
settings = Settings(home=Path(sys.argv[1]))
with database_url(settings) as database, broker_url(settings) as broker:
    print(database, broker, flush=True)
    time.sleep(60)
"""


class User:
    """Another process that uses both servers, in a process group of its own, like a shell's job."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(home)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self.database, self.broker = self.process.stdout.readline().split()

    def end(self, number: signal.Signals) -> None:
        os.killpg(self.process.pid, number)
        self.process.communicate(timeout=30)


@pytest.fixture
def another(home):
    user = User(home)
    yield user
    if user.process.poll() is None:
        user.end(signal.SIGKILL)


def answers(url: str) -> bool:
    with psycopg.connect(url) as conn:
        return conn.execute("SELECT 1").fetchone() == (1,)


def test_configured_urls_start_nothing(home):
    settings = Settings(home=home, database_url="postgresql://db.example/estate", mqtt_url="mqtts://mq.example")
    with database_url(settings) as database, broker_url(settings) as broker:
        assert (database, broker) == ("postgresql://db.example/estate", "mqtts://mq.example")
    assert list(home.iterdir()) == []


def test_both_stop_with_their_user_and_keep_data_and_port(home):
    settings = Settings(home=home)
    with database_url(settings) as url, broker_url(settings) as first, psycopg.connect(url) as conn:
        conn.execute("INSERT INTO estates (estate_id, name, timezone) VALUES ('e1', 'One', 'Asia/Shanghai')")
    assert of_home(home) == []
    with database_url(settings) as url, broker_url(settings) as second, psycopg.connect(url) as conn:
        assert conn.execute("SELECT name FROM estates").fetchone() == ("One",)
    assert first == second


def test_the_servers_outlive_the_starter_while_another_uses_them(home, another):
    settings = Settings(home=home)
    with database_url(settings) as database, broker_url(settings) as broker:
        assert (database, broker) == (another.database, another.broker)
        another.end(signal.SIGKILL)
        assert answers(database)
        assert listens(int(broker.rpartition(":")[2]))
    assert of_home(home) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_user_that_ends_in_any_way_leaves_nothing_behind(home, another, number):
    another.end(number)
    wait_until(lambda: not of_home(home), what="no process left")
    with database_url(Settings(home=home)) as url:
        assert answers(url)


def test_servers_end_with_their_keepers(home, another):
    for process in of_home(home):
        if "keeper.py" in " ".join(process.cmdline()):
            process.kill()
    wait_until(lambda: [process.pid for process in of_home(home)] == [another.process.pid], what="only the user left")
    with database_url(Settings(home=home)) as url:
        assert answers(url)


def test_a_server_that_is_killed_comes_back(home):
    with broker_url(Settings(home=home)) as url:
        port = int(url.rpartition(":")[2])
        (server,) = [process for process in of_home(home) if process.name() == "nats-server"]
        wait_until(lambda: server.create_time() + 5.5 < time.time(), what="a server that has run for a while")
        server.kill()
        wait_until(lambda: not server.is_running())
        wait_until(lambda: listens(port), what="the broker again")


def test_many_users_at_once_share_one_server(home):
    users = [
        subprocess.Popen([sys.executable, "-c", USER, str(home)], stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    answers = {user.stdout.readline() for user in users}
    for user in users:
        user.kill()
        user.communicate()
    assert len(answers) == 1
    wait_until(lambda: not of_home(home), what="no process left")


def test_a_deep_home_gets_a_short_socket(home):
    deep = home / ("d" * 100)
    with database_url(Settings(home=deep)) as url:
        assert answers(url)
        assert str(deep) not in url
    Path(unquote(url.partition("host=")[2])).rmdir()


def test_a_port_that_is_taken_is_passed_over(home):
    with broker_url(Settings(home=home)) as first:
        pass
    other = home / "other"
    with broker_url(Settings(home=other)) as taken:
        (home / "broker" / "port").write_text(taken.rpartition(":")[2])
        with broker_url(Settings(home=home)) as second:
            assert second != taken
    assert first.startswith("mqtt://127.0.0.1:")


def test_a_broken_cluster_is_said_in_one_line(home):
    with database_url(Settings(home=home)):
        pass
    (home / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(DatabaseUnavailableError, match=r"^embedded PostgreSQL: .+; its log is .+postgres.log$"):
        database_url(Settings(home=home)).__enter__()
    (home / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(DatabaseUnavailableError, match="is of PostgreSQL 9"):
        database_url(Settings(home=home)).__enter__()
    assert of_home(home) == []


def test_a_broker_that_does_not_start_says_why(home, monkeypatch):
    monkeypatch.setattr("gateway.embedded.broker.configuration", lambda _port, _data: "nonsense {")
    reason = r"^embedded broker: nats-server: Parse error .*; its log is .+broker.log$"
    with pytest.raises(BrokerUnavailableError, match=reason):
        broker_url(Settings(home=home)).__enter__()


def test_one_gateway_a_home(home):
    refusal = rf"\(process {os.getpid()}\); stop it, or set another ESTATE_HOME"
    with sole_gateway(home), pytest.raises(RefusedError, match=refusal):
        sole_gateway(home).__enter__()
    with sole_gateway(home):
        pass


def test_a_home_that_cannot_be_made(home):
    (home / "file").write_text("")
    with pytest.raises(ConfigError, match=r"ESTATE_HOME: cannot use .*Not a directory"):
        sole_gateway(home / "file").__enter__()


def test_a_log_that_has_grown_large_is_put_aside(home, monkeypatch):
    monkeypatch.setattr(kept, "_LOG_BYTES", 10)
    log = home / "some.log"
    assert kept.begin_log(log) == 0
    log.write_text("123456789")
    assert kept.begin_log(log) == 9
    log.write_text("1234567890")
    assert kept.begin_log(log) == 0
    assert (home / "some.log.1").read_text() == "1234567890"
