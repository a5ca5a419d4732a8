"""Passwords, tokens, and the seal on a cookie. What is stored tells nobody the secret itself."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

TOKEN_MARK = "est_"  # noqa: S105 - what every token begins with, so that scanners of repositories know one
_BYTES = 32
_AT_ONCE = BoundedSemaphore(2)
"""Each check takes 64 MB for a moment; a flood of logins must not take the machine."""


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys() -> str:
    return _hasher().hash(secrets.token_hex())


def hash_password(password: str) -> str:
    """What is stored of a password (Argon2id)."""
    return _hasher().hash(password)


def is_password(password: str, stored: str | None) -> bool:
    """Whether it is the one. Without a stored one it takes as long, so that nobody learns which accounts there are."""
    with _AT_ONCE:
        try:
            matches = _hasher().verify(stored or _nobodys(), password)
        except (Argon2Error, InvalidHashError):
            return False
    return matches and stored is not None


def new_secret() -> str:
    """A secret that nobody guesses."""
    return secrets.token_urlsafe(_BYTES)


def new_token() -> str:
    """A token for a program."""
    return TOKEN_MARK + new_secret()


def digest(secret: str) -> bytes:
    """What is stored of a token or a session. They are random, so that a plain hash is enough."""
    return hashlib.sha256(secret.encode()).digest()


def seal(key: bytes, secret: str) -> str:
    """A session's secret with a signature, so that a made-up one is refused without asking the database."""
    return f"{secret}.{_signature(key, secret)}"


def unseal(key: bytes, sealed: str) -> str | None:
    """The secret under a seal; None where the seal is not ours."""
    secret, _, signature = sealed.rpartition(".")
    return secret if hmac.compare_digest(signature.encode(), _signature(key, secret).encode()) else None


def _signature(key: bytes, secret: str) -> str:
    return hmac.new(key, secret.encode(), hashlib.sha256).hexdigest()
