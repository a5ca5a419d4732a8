"""Install what the tests need beside Python's packages: Mosquitto, Chromium, a Chinese font, TimescaleDB from npm.

Where we may (root, with apt) it is installed; elsewhere a line says what is missing, and the tests that need it skip
(with CI=true they fail). Nothing here ends the run: the tests say what they could not do.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVERS = ROOT / "tests" / "servers"
POLICY = Path("/usr/sbin/policy-rc.d")
PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"


def main() -> None:
    """Install what is missing, or say so."""
    missing = missing_packages()
    if missing and may_install():
        install(missing)
        missing = missing_packages()
    if missing:
        say(f"missing for some tests: {' '.join(missing)}; as root: apt install {' '.join(missing)}")
    install_timescale()


def missing_packages() -> list[str]:
    """Debian's packages that provide what is not here yet."""
    present = {
        "mosquitto": has("mosquitto"),
        "chromium": has("chromium"),
        "fonts-wqy-zenhei": has_chinese_font(),
        "nodejs": has("node"),
        "npm": has("npm"),
    }
    return [package for package, here in present.items() if not here]


def has(program: str) -> bool:
    """Whether a program is installed."""
    return shutil.which(program, path=PATH) is not None


def has_chinese_font() -> bool:
    """Whether any installed font has Chinese characters."""
    tool = shutil.which("fc-list", path=PATH)
    if tool is None:
        return False
    listed = subprocess.run([tool, ":lang=zh", "file"], check=False, capture_output=True, text=True)
    return bool(listed.stdout.strip())


def may_install() -> bool:
    """Whether this is root on a system with apt."""
    return os.geteuid() == 0 and has("apt-get")


def install(packages: list[str]) -> None:
    """Install Debian packages without starting the services that they bring."""
    say(f"installing {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with services_held_back():
        run(["apt-get", "update", "-qq"], environment)
        if not run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], environment):
            for package in packages:  # one that fails must not keep the others away
                run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], environment)


@contextmanager
def services_held_back() -> Iterator[None]:
    """Tell Debian's package scripts, while we install, to start nothing."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n", "ascii")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def install_timescale() -> None:
    """Install TimescaleDB in WebAssembly as its lock says, once."""
    lock = (SERVERS / "package-lock.json").read_bytes()
    mark = SERVERS / "node_modules" / ".installed"
    state = hashlib.sha256(lock).hexdigest()
    if mark.exists() and mark.read_text("ascii") == state:
        return
    if not has("npm"):
        say("missing for the tests on TimescaleDB: npm")
        return
    say("installing TimescaleDB in WebAssembly with npm")
    if run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], dict(os.environ), SERVERS):
        mark.write_text(state, "ascii")


def run(command: list[str], environment: dict[str, str], folder: Path = ROOT) -> bool:
    """Run a command quietly; a failure is one line with its last words."""
    result = subprocess.run(
        command, check=False, env=environment, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if result.returncode:
        words = [line for line in (result.stderr + result.stdout).splitlines() if line.strip()]
        say(f"{' '.join(command[:2])} failed: {words[-1].strip() if words else result.returncode}")
    return result.returncode == 0


def say(what: str) -> None:
    """Print one line."""
    print(f"setup: {what}", flush=True)


if __name__ == "__main__":
    main()
