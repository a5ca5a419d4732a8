"""What is told when the embedded database cannot be made."""

import pytest

from gateway.embedded.database import _cause


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (
            (
                '2026-11-26 09:57:21.433 UTC [9] FATAL:  could not write to file "pg_wal/x": No space left\n'
                'child process exited with exit code 1\ninitdb: removing contents of data directory "new"\n'
            ),
            'could not write to file "pg_wal/x": No space left',
        ),
        ("initdb: error: cannot be run as root\ninitdb: hint: log in as somebody else\n", "cannot be run as root"),
        ("Segmentation fault\n", "Segmentation fault"),
        ("", "failed"),
    ],
)
def test_the_cause_is_told_and_not_the_tidying_up(said, cause):
    assert _cause(said) == cause
