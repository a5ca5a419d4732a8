import pytest

from gateway.accounts.model import (
    NOBODY_YET,
    ForbiddenError,
    Permission,
    Role,
    Who,
    check_name,
    check_password,
)
from gateway.errors import NotFoundError, RefusedError


def who(role=Role.OPERATOR, estates=("e1", "e2")):
    return Who(user_id=1, name="li", role=role, estates=None if estates is None else frozenset(estates))


def test_a_list_shows_what_is_theirs():
    assert who().among(None) == ["e1", "e2"]
    assert who().among("e2") == ["e2"]
    assert who().among("e3") == []
    assert who(estates=None).among(None) is None
    assert who(estates=()).among(None) == []


def test_what_is_not_theirs_is_not_there():
    who().require_estate("e1", "unit", "a1")
    with pytest.raises(NotFoundError, match="there is no unit z1"):
        who().require_estate("e3", "unit", "z1")


@pytest.mark.parametrize(
    ("role", "permitted"),
    [
        (Role.OPERATOR, {"alerts", "planning", "results", "cases", "quarantine"}),
        (Role.INSPECTOR, {"results", "cases"}),
        (Role.AUDITOR, {"access_log"}),
        (Role.ADMIN, {str(each) for each in Permission}),
    ],
)
def test_a_role_permits_what_it_is_for(role, permitted):
    assert {str(each) for each in who(role).permissions} == permitted
    for permission in Permission:
        if permission in permitted:
            who(role).require(permission)
        else:
            with pytest.raises(ForbiddenError, match=role):
                who(role).require(permission)


def test_people_act_under_their_own_name():
    assert who().signs("somebody else") == "li"
    assert (NOBODY_YET.signs(""), NOBODY_YET.signs("wang")) == ("operator", "wang")


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 65, "a\n"])
def test_a_name_is_one_word(name):
    with pytest.raises(RefusedError):
        check_name(name)


def test_names_may_be_chinese():
    assert check_name("李明") == "李明"


@pytest.mark.parametrize("password", ["short", "x" * 201, "aaaaaaaaaaaa", "abababababab", "Administrator"])
def test_a_password_is_not_guessed_at_once(password):
    with pytest.raises(RefusedError):
        check_password(password, "administrator")
    assert check_password("correct horse", "administrator") == "correct horse"
