"""The one typed tree of settings: environment variables `ESTATE_…`, or a TOML file named by `ESTATE_CONFIG`.

The environment wins over the file. A wrong value stops the command with one line (contract, section 3).
"""

from __future__ import annotations

import difflib
import json
import os
import sys
import tomllib
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from gateway.codecs.routes import Routes, is_topic_filter, routes_of
from gateway.errors import ConfigError
from gateway.ingest.polls import polls_of

PREFIX = "ESTATE_"
_PROBLEMS = {
    "extra_forbidden": "unknown setting",
    "int_parsing": "must be a whole number",
    "float_parsing": "must be a number",
}
"""In one clause what pydantic says in a longer one."""


class Settings(BaseSettings):
    """Every setting of the gateway; `docs/configuration.md` explains each one, and a test compares."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, env_ignore_empty=True)

    database_url: str | None = Field(None, description="PostgreSQL or TimescaleDB; empty: embedded")
    mqtt_url: str | None = Field(None, description="mqtt:// or mqtts://user:password@host:port; empty: embedded")
    mqtt_topics: str = Field("estate/v1/#", description="topic filters of this ingest process, comma separated")
    codecs: Annotated[dict[str, Any], NoDecode] = Field(
        {}, description="topic filter = dialect, comma separated (a table in the file, with options): docs/devices.md"
    )
    polls: Annotated[list[dict[str, Any]], NoDecode] = Field(
        [], description="meters that are asked through loggers: tables [[polls]] in the file, a JSON list elsewhere"
    )
    mqtt_share: str = Field("", description="name of an MQTT shared subscription, or empty")
    home: Path = Field(Path("~/.estate"), description="where the embedded broker and database keep their data")
    http_host: str = Field("127.0.0.1", description="address that the console listens on")
    http_port: int = Field(8080, ge=1, le=65535, description="port that the console listens on")
    language: Literal["zh-CN", "en"] = Field("zh-CN", description="language of texts where none is asked for")
    batch_size: int = Field(5000, ge=1, le=50_000, description="messages in one transaction at most")
    batch_age_s: float = Field(0.2, gt=0, le=60, description="seconds a message waits for its batch at most")
    detect_every_s: float = Field(3600, ge=5, description="seconds between detection runs of `estate run`")
    policy_file: Path | None = Field(None, description="TOML file of a city's policy; empty: defaults")
    readings_days: int = Field(800, ge=430, description="days that meter readings are kept")
    passages_days: int = Field(180, ge=7, description="days that single door events are kept; counts stay")
    access_log_days: int = Field(1095, ge=180, description="days that it is kept who looked at what")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level logged")

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, value: str | None) -> str | None:
        return _url(value, ("postgresql", "postgres"))

    @field_validator("mqtt_url")
    @classmethod
    def _check_mqtt_url(cls, value: str | None) -> str | None:
        return _url(value, ("mqtt", "mqtts"))

    @field_validator("mqtt_topics")
    @classmethod
    def _check_mqtt_topics(cls, value: str) -> str:
        wrong = [part for part in _parts(value) if not is_topic_filter(part)]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is not an MQTT topic filter")
        return value

    @field_validator("codecs", mode="before")
    @classmethod
    def _read_codecs(cls, value: object) -> object:
        return _lines(value) if isinstance(value, str) else value

    @field_validator("codecs")
    @classmethod
    def _check_codecs(cls, value: dict[str, Any]) -> dict[str, Any]:
        routes_of(value)
        return value

    @field_validator("polls", mode="before")
    @classmethod
    def _read_polls(cls, value: object) -> object:
        return _json(value) if isinstance(value, str) else value

    @field_validator("polls")
    @classmethod
    def _check_polls(cls, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        polls_of(value)
        return value

    @field_validator("home")
    @classmethod
    def _expand_home(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("policy_file")
    @classmethod
    def _check_policy_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"there is no file {value}")
        return value

    @property
    def topic_filters(self) -> tuple[str, ...]:
        """The topic filters of this worker, without the share prefix: those set, else the usual and the codecs'."""
        told = _parts(self.mqtt_topics)
        return told if "mqtt_topics" in self.model_fields_set else (*told, *self.routes.topic_filters)

    @cached_property
    def routes(self) -> Routes:
        """Which dialect reads which topic."""
        return routes_of(self.codecs)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, which arrives as keyword arguments."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _lines(text: str) -> dict[str, Any]:
    """Read `filter=dialect, filter=dialect` or a JSON object, as the environment has them."""
    if text.lstrip().startswith("{"):
        found: dict[str, Any] = _json(text)
        return found
    pairs = [part.strip().rpartition("=") for part in text.split(",") if part.strip()]
    if any(not topic_filter for topic_filter, _, _ in pairs):
        raise ValueError("must be filter=dialect, filter=dialect, … or a JSON object")
    return {topic_filter.strip(): name.strip() for topic_filter, _, name in pairs}


def _json(text: str) -> Any:  # noqa: ANN401 - whatever the JSON is
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(f"is not JSON: {error}") from error


def _url(value: str | None, schemes: tuple[str, ...]) -> str | None:
    if value is None:
        return None
    parts = urlsplit(value)
    if parts.scheme not in schemes:
        raise ValueError(f"must start with {schemes[0]}://")
    _ = parts.port  # raises ValueError where the port is no number
    return value


@cache
def load() -> Settings:
    """Read the settings once.

    Raises:
        ConfigError: a value is wrong, a key of the file is unknown, or the file cannot be read.
    """
    _warn_of_unknown_variables()
    return read(_file_values(os.environ.get(f"{PREFIX}CONFIG")))


def read(values: dict[str, Any]) -> Settings:
    """Check `values` (from a file) under the environment's."""
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = f"{PREFIX}{'_'.join(str(part) for part in first['loc'])}".upper()
        problem = _PROBLEMS.get(first["type"], first["msg"])
        raise ConfigError(name, problem.removeprefix("Value error, ")) from error


def _file_values(name: str | None) -> dict[str, Any]:
    if not name:
        return {}
    try:
        return tomllib.loads(Path(name).expanduser().read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{PREFIX}CONFIG", f"cannot read {name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{PREFIX}CONFIG", f"{name} is not in UTF-8; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{PREFIX}CONFIG", f"{name} is not TOML: {error}") from error


def _warn_of_unknown_variables() -> None:
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields} | {f"{PREFIX}CONFIG"}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            print(f"estate: {name} is not a setting and is ignored{hint}", file=sys.stderr)  # noqa: T201
