"""Accounts of devices as Mosquitto reads them: lines of its password file, and of its file of rights (ACL)."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from gateway.errors import RefusedError

_ITERATIONS = 101
"""What mosquitto_passwd takes. The secrets are random, so that nobody guesses them; and after an outage the broker
checks those of thousands of devices at once."""
_SALT_BYTES = 12
_SECRET_BYTES = 18
_BEGIN = "# devices of the estate gateway, written by: estate device credential write"
_END = "# end of the devices of the estate gateway"
_TOPIC = re.compile(r"[^\x00-\x20]{1,500}")


class Right(NamedTuple):
    """A topic that an account may publish to (`write`) or subscribe to (`read`); wildcards are allowed."""

    access: Literal["read", "write"]
    topic: str


def new_password() -> str:
    """A password for a device: 24 letters, digits, - or _."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def password_hash(password: str, salt: bytes | None = None) -> str:
    """PBKDF2 with SHA-512 in Mosquitto's spelling: `$7$iterations$salt$hash`."""
    salt = secrets.token_bytes(_SALT_BYTES) if salt is None else salt
    derived = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return f"$7${_ITERATIONS}${_base64(salt)}${_base64(derived)}"


def native_rights(estate_id: str, kind: str, device_id: str) -> tuple[Right, ...]:
    """What a device of the native dialect says (contract, section 1)."""
    place, what = ("door", "event") if kind == "door" else ("meter", "reading")
    base = f"estate/v1/{estate_id}/{place}/{device_id}"
    return Right("write", f"{base}/{what}"), Right("write", f"{base}/status")


def check_topic(topic: str) -> str:
    """A topic that fits into a line of the file.

    Raises:
        RefusedError: it has blanks or control characters, or is too long.
    """
    if not _TOPIC.fullmatch(topic):
        raise RefusedError(f"{topic!r} is not a topic without blanks")
    return topic


def merge_passwords(text: str, hashes: Mapping[str, str], ended: Collection[str]) -> str:
    """The password file with these accounts in it and those that ended out of it; other accounts stay as they are."""
    kept = [line for line in text.splitlines() if line.partition(":")[0] not in hashes.keys() | set(ended)]
    return _lines([*kept, *(f"{name}:{hashes[name]}" for name in sorted(hashes))])


def merge_rights(text: str, rights: Mapping[str, Sequence[Right]]) -> str:
    """The file of rights with our part anew at its end, since a line belongs to the account above it."""
    return _lines([*_without_ours(text.splitlines()), _BEGIN, *_blocks(rights), _END])


def _without_ours(lines: Iterable[str]) -> Iterator[str]:
    ours = False
    for line in lines:
        ours = ours or line == _BEGIN
        if not ours:
            yield line
        ours = ours and line != _END


def _blocks(rights: Mapping[str, Sequence[Right]]) -> Iterator[str]:
    for name in sorted(rights):
        yield f"user {name}"
        yield from (f"topic {right.access} {right.topic}" for right in rights[name])


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
