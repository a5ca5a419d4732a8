"""Folders for embedded servers: short paths, since a Unix socket's path is, and open to the servers' account."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def temporary_home() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="estate-", dir="/tmp"))
    path.chmod(0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty ESTATE_HOME of the test's own."""
    with temporary_home() as path:
        yield path
