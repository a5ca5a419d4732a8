"""Which system account the servers run under, and what it must be able to reach.

PostgreSQL refuses to run as root. An ordinary user's servers run as that user and nothing is changed. For root, the
servers run as the system account `estate`, which is made once, without a password, a shell or a home. The account
has to pass through the folders above the data and above the installed packages, so the search permission (`o+x`: pass
through, not list or read) is given to those that lack it, `/root` for example. The data themselves stay private.
"""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

import structlog

from gateway.errors import RefusedError

NAME = "estate"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Account:
    """User and group that the servers run under; both None: our own."""

    user_id: int | None
    group_id: int | None

    def make_folder(self, path: Path) -> None:
        """Make `path` a folder that only this account (and root) can open.

        Raises:
            RefusedError: somebody else's folder, or something that is no folder, stands there.
        """
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), self.user_id}:
            raise RefusedError(f"{path} is not ours; remove it")
        path.chmod(0o700)
        if self.user_id is not None and self.group_id is not None:
            os.chown(path, self.user_id, self.group_id)

    def give(self, path: Path) -> None:
        """Let the account own the file `path`, which we have made."""
        if self.user_id is not None and self.group_id is not None:
            os.chown(path, self.user_id, self.group_id)


def server_account() -> Account:
    """The account for the embedded servers, made now where root needs it.

    Raises:
        RefusedError: we are root, and the account cannot be made.
    """
    if os.geteuid() != 0:
        return Account(None, None)
    entry = _entry() or _make()
    return Account(entry.pw_uid, entry.pw_gid)


def open_way_to(path: Path, account: Account) -> None:
    """Let the account pass through the folders above `path`; nothing to do for our own account."""
    if account.user_id is None:
        return
    for folder in path.parents:
        mode = stat.S_IMODE(folder.stat().st_mode)
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
            _log.warning("folder opened for passing through", action="open_way", folder=str(folder), account=NAME)


def open_programs(folder: Path, account: Account) -> None:
    """Let the account read the installed programs under `folder`, however strict the installer's umask was."""
    open_way_to(folder, account)
    readable = stat.S_IROTH | stat.S_IXOTH
    if account.user_id is None or folder.stat().st_mode & readable == readable:
        return
    for path in (folder, *folder.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        needed = readable if path.is_dir() or mode & stat.S_IXUSR else stat.S_IROTH
        path.chmod(mode | needed)


def _entry() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        return None


def _make() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    command += ["--shell", "/usr/sbin/nologin", NAME]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - a fixed command
    except FileNotFoundError as error:
        raise _refusal("there is no useradd here") from error
    except subprocess.CalledProcessError as error:
        if not _entry():  # else another process was quicker
            raise _refusal(error.stderr.strip()) from error
    else:
        _log.warning("system account made for the embedded servers", action="make_account", account=NAME)
    entry = _entry()
    if entry is None:
        raise _refusal("useradd made none")
    return entry


def _refusal(reason: str) -> RefusedError:
    return RefusedError(
        f"PostgreSQL does not run as root, and the system account {NAME} cannot be made: {reason}; "
        "run as an ordinary user, or set ESTATE_DATABASE_URL"
    )
