"""The demonstration's last step: the console."""

import sys

import pytest
from rich.console import Console

from gateway.cli import demo
from gateway.errors import StepFailedError
from gateway.settings import Settings
from gateway.signals import StopSignals
from gateway.supervisor import Part, Supervisor


def test_a_console_that_does_not_come_up_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "_READY_S", 0.1)
    monkeypatch.setattr(demo.console, "is_ready", lambda _settings: False)
    log = tmp_path / "demo" / "log" / "serve.log"
    log.parent.mkdir(parents=True)
    log.write_text("up\nestate: port 8080 on 127.0.0.1 is in use\n")
    sleeper = Part("serve", (sys.executable, "-c", "import time; time.sleep(60)"))
    with StopSignals() as signals, Supervisor([sleeper], signals) as supervisor:
        life = demo.Demo(Settings(home=tmp_path), signals, Console())
        with pytest.raises(StepFailedError, match=r"0 s: port 8080 on 127\.0\.0\.1 is in use; its log is .*serve\.log"):
            life._await_console(supervisor)
