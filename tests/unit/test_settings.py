"""Settings: the environment wins over the file; a wrong value is named."""

from pathlib import Path

import pytest

from gateway import settings
from gateway.errors import ConfigError

DOCUMENT = Path(__file__).parents[2] / "docs" / "configuration.md"


@pytest.fixture(autouse=True)
def _fresh():
    settings.load.cache_clear()
    yield
    settings.load.cache_clear()


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    file = tmp_path / "estate.toml"
    file.write_text('http_port = 9001\nmqtt_share = "a"\n')
    monkeypatch.setenv("ESTATE_CONFIG", str(file))
    monkeypatch.setenv("ESTATE_MQTT_SHARE", "b")
    loaded = settings.load()
    assert (loaded.http_port, loaded.mqtt_share) == (9001, "b")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("ESTATE_HTTP_PORT", "eighty", "must be a whole number"),
        ("ESTATE_HTTP_PORT", "70000", "65535"),
        ("ESTATE_DATABASE_URL", "mysql://x", "postgresql://"),
        ("ESTATE_DATABASE_URL", "postgresql://h:port/x", "port"),
        ("ESTATE_MQTT_URL", "127.0.0.1:1883", "mqtt://"),
        ("ESTATE_LANGUAGE", "fr", "'zh-CN' or 'en'"),
        ("ESTATE_LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("ESTATE_BATCH_AGE_S", "soon", "must be a number"),
        ("ESTATE_POLICY_FILE", "/no/such/city.toml", "there is no file /no/such/city.toml"),
        ("ESTATE_MQTT_TOPICS", "estate/v1/#, a/#/b", "'a/#/b' is not an MQTT topic filter"),
        ("ESTATE_CODECS", "dtu/+/up", "filter=dialect"),
        ("ESTATE_CODECS", "dtu/+/up=morse", "'morse' is not one of"),
        ("ESTATE_CODECS", "{", "JSON"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_right(monkeypatch, name, value, says):
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=name) as caught:
        settings.load()
    assert says.lower() in str(caught.value).lower()
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("colour = 1\n", "ESTATE_COLOUR: unknown setting"),
        ("= 1\n", "is not TOML"),
        (b"# \xc4\xe3\n", "is not in UTF-8; save it as UTF-8"),
        (None, "cannot read"),
    ],
)
def test_a_wrong_file_is_named(tmp_path, monkeypatch, content, says):
    file = tmp_path / "estate.toml"
    if content is not None:
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    monkeypatch.setenv("ESTATE_CONFIG", str(file))
    with pytest.raises(ConfigError, match=says):
        settings.load()


def test_a_mistyped_variable_is_told(monkeypatch, capsys):
    monkeypatch.setenv("ESTATE_DATABSE_URL", "postgresql://x")
    settings.load()
    assert "did you mean ESTATE_DATABASE_URL?" in capsys.readouterr().err


def test_a_password_is_never_part_of_the_message(monkeypatch):
    monkeypatch.setenv("ESTATE_DATABASE_URL", "mysql://user:secret@h/x")
    with pytest.raises(ConfigError) as caught:
        settings.load()
    assert "secret" not in str(caught.value)


def test_every_setting_is_documented_with_its_default():
    text = DOCUMENT.read_text("utf-8")
    for name, field in settings.Settings.model_fields.items():
        default = "" if field.default is None else str(field.default)
        row = f"| `ESTATE_{name.upper()}` | "
        assert row in text, row
        assert f"`{default}`" in text.split(row)[1].split("\n")[0] or not default, name


def test_the_topics_of_codecs_are_subscribed_to_unless_topics_are_set(monkeypatch):
    monkeypatch.setenv("ESTATE_CODECS", "dtu/+/up=native, gates/#=native")
    assert settings.load().topic_filters == ("estate/v1/#", "dtu/+/up", "gates/#")
    settings.load.cache_clear()
    monkeypatch.setenv("ESTATE_MQTT_TOPICS", "dtu/7/up")
    assert settings.load().topic_filters == ("dtu/7/up",)


def test_codecs_have_options_in_the_file(tmp_path, monkeypatch):
    file = tmp_path / "estate.toml"
    file.write_text('[codecs]\n"a/+" = "native"\n"b/#" = { dialect = "native" }\n')
    monkeypatch.setenv("ESTATE_CONFIG", str(file))
    assert settings.load().routes.find("b/c").topic_filter == "b/#"
