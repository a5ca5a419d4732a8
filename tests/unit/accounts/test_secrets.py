from gateway.accounts.secrets import (
    digest,
    hash_password,
    is_password,
    new_secret,
    new_token,
    seal,
    unseal,
)


def test_a_password_is_known_again_and_not_stored():
    stored = hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert "correct" not in stored
    assert is_password("correct horse", stored)
    assert not is_password("wrong horse", stored)
    assert not is_password("correct horse", None)
    assert not is_password("correct horse", "what is this")


def test_secrets_are_long_and_never_the_same():
    assert len({new_secret() for _ in range(100)}) == 100
    assert new_token().startswith("est_")
    assert len(new_secret()) >= 43
    assert len(digest("x")) == 32


def test_a_seal_that_is_not_ours_opens_nothing():
    sealed = seal(b"key", "secret")
    assert unseal(b"key", sealed) == "secret"
    for other in ("", ".", "secret", "secret.", sealed[:-1], f"x{sealed}", "secret.é"):
        assert unseal(b"key", other) is None
    assert unseal(b"other key", sealed) is None
