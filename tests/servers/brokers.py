"""Brokers: Debian's Mosquitto with the project's own configuration, and the embedded one."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.embedded import broker_url
from gateway.settings import Settings
from servers.homes import temporary_home
from servers.tools import free_port, listens, program, wait_until

CONFIGURATION = Path(__file__).parents[2] / "mosquitto.conf"


class Mosquitto:
    """A Mosquitto with the project's configuration on a port and with a store of its own."""

    def __init__(self, path: str, folder: Path) -> None:
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self._path = path
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._passwords: Path | None = None
        self._rights: Path | None = None
        self.saved_every_s: int | None = None

    def start(self) -> None:
        configuration = self._folder / "mosquitto.conf"
        configuration.write_text(self._adapted(CONFIGURATION.read_text("utf-8")), "utf-8")
        self._give_folder()
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen([self._path, "-c", configuration], stderr=log)
        wait_until(self._is_up, what=f"Mosquitto on port {self.port}")

    def stop(self) -> None:
        """Stop it as its service would; it writes its store down."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it without a chance to write anything down."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def allow_anyone(self) -> None:
        self._passwords = None
        self.restart()

    def forget(self) -> None:
        """Lose the store of a broker that is stopped."""
        (self._folder / "estate-mosquitto.db").unlink()

    def await_save(self) -> None:
        """Wait until what it holds now is written down."""
        store = self._folder / "estate-mosquitto.db"
        began = time.time()
        wait_until(lambda: store.exists() and store.stat().st_mtime > began, within_s=30, what="the broker saves")

    def log(self) -> str:
        return (self._folder / "log").read_text("utf-8")

    @property
    def pid(self) -> int | None:
        """Its process, while it runs."""
        return self._process.pid if self._process else None

    def require_password(self, user: str, password: str) -> None:
        """Let nobody in but this user from now on."""
        self._passwords = self._folder / "passwords"
        tool = program("mosquitto_passwd", "Mosquitto's password tool")
        subprocess.run([tool, "-b", "-c", self._passwords, user, password], check=True)
        self.restart()

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self._folder

    def require_accounts(self) -> None:
        """Let in who stands in the folder's `passwords`, each with the rights that stand in `rights`."""
        self._passwords, self._rights = self._folder / "passwords", self._folder / "rights"
        self.restart()

    def reload(self) -> None:
        """Let it read accounts and rights again."""
        self._give_folder()
        assert self._process
        self._process.send_signal(signal.SIGHUP)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(timeout=20)
            self._process = None

    def _is_up(self) -> bool:
        assert self._process
        assert self._process.poll() is None, (self._folder / "log").read_text("utf-8")
        return listens(self.port)

    def _adapted(self, text: str) -> str:
        text, listeners = re.subn(r"^listener 1883 ", f"listener {self.port} ", text, flags=re.MULTILINE)
        text, stores = re.subn(
            r"^persistence_location .*", f"persistence_location {self._folder}/", text, flags=re.MULTILINE
        )
        assert (listeners, stores) == (1, 1)
        if self.saved_every_s:
            text, saves = re.subn(
                r"^autosave_interval .*", f"autosave_interval {self.saved_every_s}", text, flags=re.MULTILINE
            )
            assert saves == 1
        if self._passwords:
            rights = f"acl_file {self._rights}\n" if self._rights else ""
            text = text.replace("\nallow_anonymous true\n", f"\npassword_file {self._passwords}\n{rights}")
            assert "password_file" in text
        return text

    def _give_folder(self) -> None:
        if os.geteuid() == 0:  # then Mosquitto goes on as its own user
            self._folder.chmod(0o711)
            user = pwd.getpwnam("mosquitto")
            for path in (self._folder, *self._folder.iterdir()):
                os.chown(path, user.pw_uid, user.pw_gid)


@contextmanager
def running_mosquitto() -> Iterator[Mosquitto]:
    """A running Mosquitto with a store of its own."""
    path = program("mosquitto", "Mosquitto")
    folder = Path(tempfile.mkdtemp(prefix="estate-mosquitto-", dir="/tmp"))
    broker = Mosquitto(path, folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def mosquitto() -> Iterator[Mosquitto]:
    """A running Mosquitto of the test's own."""
    with running_mosquitto() as broker:
        yield broker


@pytest.fixture(scope="session")
def nats() -> Iterator[str]:
    """The URL of the embedded broker; one a test run, so use topics and client ids of your own."""
    with temporary_home() as home, broker_url(Settings(home=home)) as url:
        yield url
