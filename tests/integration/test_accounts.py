"""Accounts over a real PostgreSQL: who gets in, what they see, and what is noted of it."""

import re
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
from integration.console import HOME, served
from integration.little_estate import LISTS, finding, opened
from servers.served import served_console
from typer.testing import CliRunner
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect as open_socket

from api.app import create_app
from api.params import COOKIE
from detectors.findings import Kind
from gateway import settings as configuration
from gateway.accounts.model import Role
from gateway.accounts.secrets import digest, hash_password, new_token
from gateway.bind import check_accounts
from gateway.cli import user as command
from gateway.errors import ConfigError, NotFoundError, RefusedError
from gateway.settings import Settings
from gateway.store import accounts, retention
from gateway.store.database import connect

PASSWORD = "correct horse"
HASHED = hash_password(PASSWORD)
SAME_ORIGIN = {"Origin": HOME}


@pytest.fixture
def conn(database):
    with connect(database) as conn:
        conn.execute(LISTS)
        yield conn


@contextmanager
def console(database, **settings):
    with served(create_app(Settings(**settings), database)) as client:
        yield client


@pytest.fixture
def client(conn, database):
    with console(database) as client:
        yield client


def add(conn, name, role=Role.OPERATOR, estates=("e1",), **other):
    accounts.add(conn, name, role, password_hash=HASHED, estates=estates, **other)
    return accounts.named(conn, name).user_id


def bearer(conn, name, role=Role.OPERATOR, estates=("e1",)):
    token = new_token()
    accounts.add_token(conn, add(conn, name, role, estates), digest(token), label="", lasts=None)
    return {"Authorization": f"Bearer {token}"}


def log_in(client, name="li", password=PASSWORD, **more):
    form = {"name": name, "password": password, "next": "/visits"} | more
    return client.post("/login", data=form, headers=SAME_ORIGIN)


def cookie(answer):
    return {"Cookie": f"{COOKIE}={answer.cookies[COOKIE]}"}


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [item.get("unit_id") or item.get("estate_id") for item in answer.json()["items"]]


# Getting in


def test_without_accounts_the_console_is_open_and_with_the_first_one_closed_at_once(client, conn):
    assert client.get("/").status_code == 200
    assert client.get("/api/v1/session").json() == {"name": "operator", "role": "admin", "estates": None}
    add(conn, "li")
    page = client.get("/cases?state=found")
    assert (page.status_code, page.headers["location"]) == (303, "/login?next=/cases%3Fstate%3Dfound")
    for path in ("/api/v1/estates", "/api/v1/alerts/changes?wait=5", "/api/openapi.json", "/api/v1/cases.xlsx"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json"), path
        assert answer.headers["www-authenticate"] == "Bearer"
    assert client.post("/api/v1/visits/plan", json={}).status_code == 401
    for path in ("/healthz", "/metrics", "/login", "/static/x"):
        assert client.get(path).status_code in (200, 404), path


def test_machines_elsewhere_need_a_token_for_metrics(conn, database):
    token = bearer(conn, "prometheus", Role.AUDITOR, ())
    app = create_app(Settings(http_host="0.0.0.0"), database)
    with served(app) as client:
        client._client._transport = httpx.ASGITransport(app, client=("192.168.1.9", 5000))
        assert client.get("/metrics").status_code == 401
        assert client.get("/metrics", headers=token).status_code == 200


def test_a_person_logs_in_and_out(client, conn):
    add(conn, "li", Role.INSPECTOR)
    answer = log_in(client, "LI")
    assert (answer.status_code, answer.headers["location"]) == (303, "/visits")
    said = answer.headers["set-cookie"]
    assert "HttpOnly" in said
    assert "samesite=lax" in said.lower()
    session = cookie(answer)
    assert client.get("/api/v1/session", headers=session).json()["name"] == "li"
    assert "li" in client.get("/visits", headers=session).text
    kept = conn.execute("SELECT digest FROM sessions").fetchall()
    assert answer.cookies[COOKIE].encode() not in kept[0][0]

    assert client.post("/logout", headers=session | SAME_ORIGIN).status_code == 303
    assert client.get("/api/v1/session", headers=session).status_code == 401


def test_over_https_the_cookie_stays_there(conn, database):
    add(conn, "li")
    with console(database) as client:
        client._client.base_url = "https://127.0.0.1:8080"
        answer = client.post(
            "/login", data={"name": "li", "password": PASSWORD}, headers={"Origin": "https://127.0.0.1:8080"}
        )
    assert "Secure" in answer.headers["set-cookie"]


def test_a_name_that_no_database_holds_is_only_wrong(client, conn):
    add(conn, "li")
    assert log_in(client, "l\x00i\udc00".encode("utf-8", "surrogatepass").decode("latin-1")).status_code == 401


@pytest.mark.parametrize("wanted", ["//evil.example/", "https://evil.example/", "/\\evil.example", "evil", ""])
def test_a_login_leads_nowhere_else(client, conn, wanted):
    add(conn, "li")
    assert log_in(client, next=wanted).headers["location"] == "/"


def test_wrong_logins_are_told_apart_by_nobody_and_have_to_wait(client, conn):
    add(conn, "li")
    add(conn, "gone")
    accounts.set_disabled(conn, accounts.named(conn, "gone").user_id, disabled=True)
    said = []
    for name in ("nobody", "gone", "li"):
        answer = log_in(client, name, "wrong password" if name == "li" else PASSWORD)
        assert (answer.status_code, COOKIE in answer.cookies) == (401, False)
        said.append(re.findall(r'role="alert">([^<]*)', answer.text))
    assert said == [["账号或密码不正确。"]] * 3
    for _ in range(4):
        log_in(client, password="wrong password")
    answer = log_in(client)
    assert (answer.status_code, int(answer.headers["retry-after"]) > 200) == (429, True)
    assert log_in(client, "nobody").status_code == 401


def test_a_cookie_that_is_made_up_or_of_a_disabled_account_opens_nothing(client, conn):
    add(conn, "li")
    session = cookie(log_in(client))
    real = session["Cookie"].split("=")[1]
    for made_up in ("x.y", "", "....", real[:-1] + ("1" if real.endswith("0") else "0")):
        assert client.get("/api/v1/session", headers={"Cookie": f"{COOKIE}={made_up}"}).status_code == 401
    accounts.set_disabled(conn, accounts.named(conn, "li").user_id, disabled=True)
    assert client.get("/api/v1/session", headers=session).status_code == 401
    accounts.set_disabled(conn, accounts.named(conn, "li").user_id, disabled=False)
    assert client.get("/api/v1/session", headers=session).status_code == 401


def test_a_session_ends_when_it_is_not_used_and_with_another_password(client, conn):
    add(conn, "li")
    session = cookie(log_in(client))
    conn.execute("UPDATE sessions SET seen_at = now() - interval '11 hours'")
    assert client.get("/api/v1/session", headers=session).status_code == 200
    (seen,) = conn.execute("SELECT now() - seen_at FROM sessions").fetchone()
    assert seen < timedelta(minutes=1)
    conn.execute("UPDATE sessions SET seen_at = now() - interval '13 hours'")
    assert client.get("/api/v1/session", headers=session).status_code == 401
    session = cookie(log_in(client))
    accounts.set_password(conn, accounts.named(conn, "li").user_id, HASHED)
    assert client.get("/api/v1/session", headers=session).status_code == 401


def test_a_cookie_changes_something_only_from_our_own_page(client, conn):
    add(conn, "li")
    session = cookie(log_in(client))
    plan = {"json": {"k": 1}}
    assert client.post("/api/v1/visits/plan", headers=session, **plan).json()["code"] == "no_origin"
    foreign = session | {"Origin": "https://evil.example"}
    assert client.post("/api/v1/visits/plan", headers=foreign, **plan).status_code == 403
    assert client.post("/api/v1/visits/plan", headers=session | SAME_ORIGIN, **plan).status_code == 200


def test_a_token_opens_until_it_is_revoked_or_expires(client, conn):
    user_id = add(conn, "program")
    first, second = new_token(), new_token()
    token_id = accounts.add_token(conn, user_id, digest(first), label="bi", lasts=None)
    accounts.add_token(conn, user_id, digest(second), label="", lasts=timedelta(days=1))
    ask = lambda token: client.get("/api/v1/session", headers={"Authorization": f"Bearer {token}"}).status_code  # noqa: E731
    assert (ask(first), ask(second), ask(first[:-1]), ask("")) == (200, 200, 401, 401)
    assert accounts.tokens(conn, user_id)[0].last_used_on is not None
    accounts.revoke_token(conn, token_id)
    conn.execute("UPDATE user_tokens SET expires_at = now() - interval '1 s' WHERE expires_at IS NOT NULL")
    assert (ask(first), ask(second)) == (401, 401)
    assert accounts.tokens(conn, user_id) == []


def test_the_socket_and_the_long_poll_obey_the_same_rule(conn, database):
    mine, other = opened(conn, finding("a1")), opened(conn, finding("z1"), estate_id="e2")
    token = bearer(conn, "li")
    with served_console(database) as address:
        url = f"ws://{address}/api/v1/alerts/live?since=0"
        with pytest.raises(InvalidStatus, match="403"), open_socket(url):
            pass
        with open_socket(url, additional_headers=token) as socket:
            assert f'"alert_id":{mine}' in socket.recv(timeout=10)
            with pytest.raises(TimeoutError):
                socket.recv(timeout=0.3)
        poll = f"http://{address}/api/v1/alerts/changes"
        assert httpx.get(poll).status_code == 401
        seen = httpx.get(poll, headers=token).json()["items"]
        assert [change["alert_id"] for change in seen] == [mine]
        assert httpx.get(poll, headers=token, params={"since": seen[0]["seq"], "wait": 0.3}).json()["items"] == []
        assert other
        assert {row.what for row in accounts.looks(conn, limit=9, name="li")} == {"changes"}


def test_behind_a_proxy_any_name_will_do_once_there_are_accounts(client, conn):
    elsewhere = {"Host": "estate.example"}
    assert client.get("/", headers=elsewhere).status_code == 403
    add(conn, "li")
    assert client.get("/", headers=elsewhere).status_code == 303
    assert client.get("/metrics", headers=elsewhere).status_code == 401
    form = {"name": "li", "password": PASSWORD, "next": "/"}
    answer = client.post("/login", data=form, headers=elsewhere | {"Origin": "https://estate.example"})
    assert client.get("/api/v1/session", headers=elsewhere | cookie(answer)).status_code == 200


# What they see and may do


def test_everybody_sees_their_own_estates_only(client, conn):
    mine, other = opened(conn, finding("a1")), opened(conn, finding("z1"), estate_id="e2")
    token = bearer(conn, "li")
    get = lambda path: client.get(f"/api/v1{path}", headers=token)  # noqa: E731
    assert ids(get("/estates")) == ["e1"]
    assert "z1" not in ids(get("/units"))
    assert ids(get("/units?estate_id=e2")) == []
    assert ids(get("/alerts")) == ["a1"]
    assert [row["device_id"] for row in get("/devices").json()["items"]] == ["d0", "m1", "w1"]
    report = get("/reports/monthly?month=2026-01").json()
    assert [estate["estate_id"] for estate in report["estates"]] == ["e1"]
    for path in ("/units/z1", "/units/z1/timeline", f"/alerts/{other}"):
        assert get(path).status_code == 404, path
    act = {"headers": token, "json": {"action": "note", "reason": "x"}}
    assert client.post(f"/api/v1/alerts/{mine}/actions", **act).status_code == 200
    assert client.post(f"/api/v1/alerts/{other}/actions", **act).status_code == 404
    plan = client.post("/api/v1/visits/plan", headers=token, json={"estate_id": "e2"})
    assert plan.status_code == 404
    everything = bearer(conn, "boss", Role.ADMIN, ())
    assert ids(client.get("/api/v1/estates", headers=everything)) == ["e1", "e2"]
    nothing = bearer(conn, "new", estates=())
    assert ids(client.get("/api/v1/alerts", headers=nothing)) == []


def test_visits_and_cases_of_other_estates_are_not_there(client, conn):
    boss, token = bearer(conn, "boss", Role.ADMIN, ()), bearer(conn, "li")
    other = opened(conn, finding("z1", Kind.VACANCY), estate_id="e2")
    confirm = {"headers": boss, "json": {"action": "confirm", "reason": "查实"}}
    assert client.post(f"/api/v1/alerts/{other}/actions", **confirm).status_code == 200
    opened(conn, finding("z1", Kind.SUBLET), estate_id="e2")
    assert client.post("/api/v1/visits/plan", headers=boss, json={}).json()["added"] == 1
    assert ids(client.get("/api/v1/visits", headers=token)) == []
    assert ids(client.get("/api/v1/cases", headers=token)) == []
    result = {"headers": token, "json": {"key": "k", "outcome": "normal"}}
    act = {"headers": token, "json": {"action": "persuade"}}
    assert client.get("/api/v1/visits/1", headers=token).status_code == 404
    assert client.post("/api/v1/visits/1/result", **result).status_code == 404
    assert client.get("/api/v1/cases/1", headers=token).status_code == 404
    assert client.post("/api/v1/cases/1/actions", **act).status_code == 404
    assert client.get("/api/v1/cases/1", headers=boss).status_code == 200


def test_a_planner_of_several_estates_says_which(client, conn):
    two = bearer(conn, "two", estates=("e1", "e2"))
    answer = client.post("/api/v1/visits/plan", headers=two, json={})
    assert answer.json()["errors"][0]["in"] == "body.estate_id"
    assert client.post("/api/v1/visits/plan", headers=two, json={"estate_id": "e2"}).status_code == 200


def test_held_messages_are_shown_to_those_whose_estate_or_device_it_is(client, conn):
    conn.execute("""
        INSERT INTO quarantine (digest, topic, payload, source, reason, detail, first_at, last_at, device_id)
        VALUES ('1', 'estate/v1/e1/meter/x/reading', '', 'mqtt', 'not_json', '', now(), now(), NULL),
               ('2', 'estate/v1/e2/meter/x/reading', '', 'mqtt', 'not_json', '', now(), now(), NULL),
               ('3', 'vendor/7', '', 'mqtt', 'time_ahead', '', now(), now(), 'w1'),
               ('4', 'vendor/8', '', 'mqtt', 'not_json', '', now(), now(), NULL)""")
    token = bearer(conn, "li")
    assert [row["id"] for row in client.get("/api/v1/quarantine", headers=token).json()["items"]] == [3, 1]
    assert client.get("/api/v1/quarantine/2", headers=token).status_code == 404
    assert client.post("/api/v1/quarantine/2/replay", headers=token).status_code == 404
    assert client.post("/api/v1/quarantine/1/replay", headers=token).status_code == 200


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.OPERATOR, {"alert", "plan", "order", "result", "case", "replay"}),
        (Role.INSPECTOR, {"result", "case"}),
        (Role.AUDITOR, {"log"}),
        (Role.ADMIN, {"alert", "plan", "order", "result", "case", "replay", "log"}),
    ],
)
def test_a_role_permits_what_it_is_for(client, conn, role, allowed):
    alert_id = opened(conn, finding("a1"))
    token = bearer(conn, "li", role)
    asked = {
        "alert": ("POST", f"/alerts/{alert_id}/actions", {"action": "note", "reason": "x"}),
        "plan": ("POST", "/visits/plan", {"estate_id": "e1"}),
        "order": ("POST", "/visits", {"unit_id": "a1", "reason": "x"}),
        "result": ("POST", "/visits/99/result", {"key": "k", "outcome": "normal"}),
        "case": ("POST", "/cases/99/actions", {"action": "persuade"}),
        "replay": ("POST", "/quarantine/99/replay", {}),
        "log": ("GET", "/access-log", None),
    }
    answers = {
        name: client.request(method, f"/api/v1{path}", headers=token, json=body)
        for name, (method, path, body) in asked.items()
    }
    assert {name for name, answer in answers.items() if answer.status_code != 403} == allowed
    refused = [answer for answer in answers.values() if answer.status_code == 403]
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in refused)
    assert client.get(f"/api/v1/alerts/{alert_id}", headers=token).status_code == 200


def test_who_is_logged_in_signs_what_is_done(client, conn):
    alert_id = opened(conn, finding("a1"))
    act = {"action": "confirm", "reason": "查实", "actor": "somebody else"}
    done = client.post(f"/api/v1/alerts/{alert_id}/actions", headers=bearer(conn, "王五"), json=act).json()
    assert done["history"][-1]["actor"] == "王五"


def test_every_look_at_a_home_is_noted(client, conn):
    alert_id = opened(conn, finding("a1"))
    client.get("/api/v1/units/a9")  # nobody has an account yet
    token, auditor = bearer(conn, "li"), bearer(conn, "shen", Role.AUDITOR)
    for path in ("/units/a1", "/units/a1/timeline", f"/alerts/{alert_id}", "/units?estate_id=e1", "/units/z1"):
        client.get(f"/api/v1{path}", headers=token)
    log = client.get("/api/v1/access-log", headers=auditor, params={"estate_id": "e1"}).json()["items"]
    assert [(row["name"], row["what"], row["unit_id"]) for row in log] == [
        ("li", "units", None),
        ("li", "alert", "a1"),
        ("li", "timeline", "a1"),
        ("li", "unit", "a1"),
        ("operator", "unit", "a9"),
    ]
    only = client.get("/api/v1/access-log", headers=auditor, params={"name": "li", "unit_id": "a1", "limit": 2}).json()
    assert (len(only["items"]), only["next"] is not None) == (2, True)


def test_a_look_that_cannot_be_noted_does_not_happen(client, conn, database):
    name = conn.info.dbname
    conn.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with console(database) as read_only:
        assert read_only.get("/api/v1/units/a1").status_code == 503
        assert read_only.get("/api/v1/estates").status_code == 200


def test_looks_are_forgotten_after_years(conn):
    conn.execute("INSERT INTO access_log (at, name, what) VALUES (now() - interval '1096 days', 'li', 'unit')")
    conn.execute("INSERT INTO access_log (at, name, what) VALUES (now() - interval '1094 days', 'li', 'unit')")
    retention.apply(conn, Settings())
    assert len(accounts.looks(conn, limit=9)) == 1


# Where it may listen


def test_other_addresses_need_an_account_first(conn, database):
    here, there = Settings(), Settings(http_host="0.0.0.0")
    check_accounts(here, conn)
    with pytest.raises(ConfigError, match=r"ESTATE_HTTP_HOST: .*no accounts yet.*estate user add"):
        check_accounts(there, conn)
    with console(database, http_host="0.0.0.0") as client:
        assert client.get("/api/v1/estates").status_code == 403
    add(conn, "li")
    check_accounts(there, conn)


# The shell


@pytest.fixture
def shell(conn, database, monkeypatch):
    monkeypatch.setenv("ESTATE_DATABASE_URL", database)
    configuration.load.cache_clear()
    runner = CliRunner()

    def run(*words, given=None):
        result = runner.invoke(command.app, words, input=given)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result

    yield run
    configuration.load.cache_clear()


def test_accounts_from_the_shell(shell, conn, client):
    said = shell("add", "li", "--role", "inspector", "--estate", "e1", "--password-stdin", given=f"{PASSWORD}\n").output
    assert "everybody has to log in" in said
    assert log_in(client).status_code == 303
    with pytest.raises(RefusedError, match="already"):
        shell("add", "LI", "--password-stdin", given=f"{PASSWORD}\n")
    with pytest.raises(RefusedError, match="no list names the estate e9"):
        shell("add", "wu", "--estate", "e9", "--password-stdin", given=f"{PASSWORD}\n")
    assert accounts.credentials(conn, "wu") is None
    with pytest.raises(RefusedError, match="10 to 200"):
        shell("password", "li", "--password-stdin", given="short\n")
    with pytest.raises(ConfigError, match="--password-stdin"):
        shell("password", "li")
    shell("password", "li", "--password-stdin", given="another horse\n")
    assert log_in(client).status_code == 401
    assert log_in(client, password="another horse").status_code == 303

    assert "sees no estate yet" in shell("add", "bi", "--no-password").output
    shell("grant", "bi", "e1", "--role", "auditor")
    token = shell("token", "bi", "--label", "dashboard", "--days", "30").stdout.splitlines()[-1]
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/session", headers=headers).json() == {"name": "bi", "role": "auditor", "estates": ["e1"]}
    shell("grant", "bi", "--all")
    assert client.get("/api/v1/session", headers=headers).json()["estates"] is None
    shell("ungrant", "bi", "e1", "--all")
    assert client.get("/api/v1/session", headers=headers).json()["estates"] == []
    listed = shell("list").output
    assert re.search(r"bi +auditor +none +no +1", listed)
    assert token not in shell("tokens", "bi").output
    shell("revoke", "1")
    assert client.get("/api/v1/session", headers=headers).status_code == 401
    with pytest.raises(NotFoundError, match="no token 1"):
        shell("revoke", "1")
    shell("disable", "li")
    assert log_in(client, password="another horse").status_code == 401
    assert re.search(r"li +inspector .* disabled", shell("list").output)
    shell("enable", "li")
    with pytest.raises(NotFoundError, match="no account nobody"):
        shell("disable", "nobody")
