"""Every command explains itself, and whatever a user does wrong ends in one line that names the cause and the cure."""

import os
import socket
import subprocess
import sys

import psutil
import pytest
from servers.tools import free_port, wait_until

COMMANDS = [
    "demo", "run", "ingest", "serve", "detect", "db migrate", "registry import", "registry check", "history import",
    "sim", "visits plan", "evaluate", "device try", "device learn", "detect preview", "detect model list",
    "detect model back", "detect model refit", "report monthly", "user add", "user token", "device credential add",
    "device credential write",
]  # fmt: skip


def estate(home, *arguments, **settings):
    environment = os.environ | {f"ESTATE_{name.upper()}": str(value) for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        env=environment | {"ESTATE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def complaint(result, code):
    """The one line that a failed command leaves."""
    assert result.returncode == code, result
    assert "Traceback" not in result.stderr
    lines = [line for line in result.stderr.splitlines() if not line.startswith("{")]  # JSON lines are the log's
    assert len(lines) == 1, lines
    assert lines[0].startswith("estate: ")
    return lines[0]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_what_a_command_does(home, command):
    result = estate(home, *command.split(), "--help")
    assert result.returncode == 0
    assert "Usage" in result.stdout
    assert len(result.stdout) > 300
    assert not list(home.iterdir())


def test_a_signal_to_the_simulators_command_reaches_the_simulator(home, tmp_path):
    command = [sys.executable, "-m", "gateway", "sim", "history", "--out", str(tmp_path / "city"), "--units", "3000"]
    with subprocess.Popen(command, env=os.environ | {"ESTATE_HOME": str(home)}, stderr=subprocess.DEVNULL) as process:
        own = psutil.Process(process.pid)
        wait_until(lambda: "device_sim" in own.cmdline(), what="the command has become the simulator")
        process.terminate()
        assert process.wait(30) != 0


def test_a_wrong_setting(home):
    said = complaint(estate(home, "serve", http_port="eighty"), 2)
    assert "ESTATE_HTTP_PORT" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("serf", "No such command 'serf'; see estate --help"),
        ("detect --as-of yesterday", "'yesterday' does not match the formats '%Y-%m-%d'; see estate detect --help"),
        ("detect preview", "Missing option '--policy'; see estate detect preview --help"),
    ],
)
def test_wrong_words_of_a_command(home, words, said):
    assert complaint(estate(home, *words.split()), 2).endswith(said)


def test_no_words_at_all_show_the_help(home):
    result = estate(home, "user")
    assert result.returncode == 2
    assert "Usage: estate user" in result.stdout + result.stderr
    assert "estate: " not in result.stderr


def test_lists_that_are_judged_have_every_fault_named(home, tmp_path):
    for name, text in {
        "estates.csv": "estate_id,name,timezone\ne01,x,Mars/Base\n",
        "readings.csv": "device_id,ts,register,unit\n",
        "truth.csv": "unit_id,kind,subtype,start,end\n",
    }.items():
        (tmp_path / name).write_text(text)
    result = estate(home, "evaluate", str(tmp_path))
    assert result.returncode == 1
    assert result.stderr.splitlines() == [
        'estates.csv:2 timezone: "Mars/Base" is not a time zone (such as Asia/Shanghai)',
        "estate: 1 fault; nothing was changed",
    ]


def test_a_world_that_cannot_be_kept(home, tmp_path):
    file = tmp_path / "kept"
    file.write_text("")
    command = ("evaluate", "--seeds", "1", "--units", "2", "--days", "29", "--no-peers", "--keep", str(file))
    assert f"cannot keep {file}/world-" in complaint(estate(home, *command), 1)


def test_own_words_that_are_no_texts_stop_every_command(home, tmp_path):
    policy = tmp_path / "city.toml"
    policy.write_text('[words.en]\n"kind.vacanci" = "x"\n', "utf-8")
    said = complaint(estate(home, "visits", "plan", policy_file=policy), 2)
    assert "words.en: kind.vacanci: is no text of the catalogue; meant: kind.vacancy?" in said


def test_a_missing_database(home):
    said = complaint(estate(home, "db", "migrate", database_url=f"postgresql://127.0.0.1:{free_port()}/estate"), 1)
    assert "refused" in said
    assert "ESTATE_DATABASE_URL" in said


def test_a_database_without_tables(home, postgres):
    empty = postgres.replace("/estate?", "/postgres?")
    said = complaint(estate(home, "ingest", database_url=empty, mqtt_url="mqtt://127.0.0.1:1"), 1)
    assert "estate db migrate" in said


def test_a_missing_broker(home, database):
    said = complaint(estate(home, "ingest", database_url=database, mqtt_url=f"mqtt://127.0.0.1:{free_port()}"), 1)
    assert "refused" in said
    assert "ESTATE_MQTT_URL" in said


def test_a_port_in_use(home, database):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = complaint(estate(home, "serve", database_url=database, http_port=port), 1)
    assert str(port) in said


def test_an_address_that_others_can_reach_while_there_are_no_accounts(home, database):
    said = complaint(estate(home, "serve", database_url=database, http_host="0.0.0.0", http_port=free_port()), 2)
    assert "ESTATE_HTTP_HOST" in said


@pytest.mark.parametrize("what", ["registry", "history"])
def test_a_path_that_is_not_there(home, database, what):
    said = complaint(estate(home, what, "import", str(home / "nothing"), database_url=database), 1)
    assert "nothing" in said


def test_a_history_file_without_its_columns(home, database):
    (home / "readings.csv").write_text("device_id,ts\n")
    said = complaint(estate(home, "history", "import", str(home), database_url=database), 1)
    assert "register, unit" in said


def test_a_truth_file_that_is_not_there(home, database):
    said = complaint(estate(home, "evaluate", "--truth", str(home / "truth.csv"), database_url=database), 1)
    assert "truth.csv" in said


def test_a_broker_that_refuses_the_password(home, database, mosquitto):
    mosquitto.require_password("gateway", "right")
    url = f"mqtt://gateway:wrong@127.0.0.1:{mosquitto.port}"
    said = complaint(estate(home, "ingest", database_url=database, mqtt_url=url), 1)
    assert "password" in said
    assert "wrong@" not in said
