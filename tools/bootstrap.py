"""Make the virtual environment and install the locked packages: `bootstrap.py runtime`, `dev` or `bench`.

Runs before anything is installed, so it needs only Python's own library. A second run finds its mark and does nothing.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NEEDED = (3, 11)
HELD_BY = {"runtime": ("runtime", "dev"), "dev": ("dev",), "bench": ("bench",)}
"""The locks that hold a lock's packages; `bench` comes on top of `dev`."""


def main(kind: str) -> None:
    """Bring `.venv` to what the lock `kind` says."""
    if sys.version_info < NEEDED:
        raise SystemExit(
            f"setup: Python 3.11 or later is needed, this is {platform.python_version()} ({sys.executable}); "
            "give another one with: make PYTHON=python3.12 ..."
        )
    if is_installed(kind):
        return
    make_environment()
    install(kind)
    mark(kind).write_text(state(kind), "utf-8")


def is_installed(kind: str) -> bool:
    """Whether the environment works and holds this lock's packages."""
    locks = HELD_BY[kind]
    return works() and any(mark(each).exists() and mark(each).read_text("utf-8") == state(each) for each in locks)


def works() -> bool:
    """Whether the environment's Python starts; it does not after its folder or its interpreter has moved."""
    if not PYTHON.exists():
        return False
    command = [str(PYTHON), "-c", f"import sys; sys.exit(sys.prefix != {str(VENV)!r})"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def make_environment() -> None:
    """Create `.venv` unless it works."""
    if works():
        return
    if importlib.util.find_spec("ensurepip") is None:
        install_venv()
    print(f"setup: making .venv with Python {platform.python_version()}", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(VENV)], "the virtual environment cannot be made")


def install_venv() -> None:
    """Add what Debian's Python leaves out, where we may."""
    package = "python3-venv"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SystemExit(f"setup: this Python cannot make virtual environments; first: apt install {package}")
    print(f"setup: installing {package}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=False, env=environment, stdin=subprocess.DEVNULL)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    run(command, f"{package} cannot be installed; do it by hand", environment)


def install(kind: str) -> None:
    """Install the locked packages with their hashes, then the project itself, editable."""
    lock = ROOT / "requirements" / f"{kind}.txt"
    print(f"setup: installing the packages of {lock.relative_to(ROOT)}", flush=True)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    if not sys.stdout.isatty():
        pip.append("--quiet")
    environment = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
    run([*pip, "--require-hashes", "-r", str(lock)], "the packages cannot be installed", environment)
    own = ["--no-deps", "--no-build-isolation", "--quiet", "--editable", str(ROOT)]
    run([*pip, *own], "the project cannot be installed", environment)


def run(command: list[str], otherwise: str, environment: dict[str, str] | None = None) -> None:
    """Run a command, or end with one line."""
    status = subprocess.run(command, check=False, env=environment, stdin=subprocess.DEVNULL).returncode
    if status:
        raise SystemExit(f"setup: {otherwise} (see above; {Path(command[0]).name} ended with {status})")


def mark(kind: str) -> Path:
    """The file that says which state was installed."""
    return VENV / f".installed-{kind}"


def state(kind: str) -> str:
    """What an installed environment depends on, as one hash."""
    parts = [ROOT / "requirements" / f"{kind}.txt", ROOT / "pyproject.toml"]
    digest = hashlib.sha256(str(ROOT).encode())
    for part in parts:
        digest.update(part.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "runtime")
    except KeyboardInterrupt:
        raise SystemExit("setup: stopped; start again to go on") from None
