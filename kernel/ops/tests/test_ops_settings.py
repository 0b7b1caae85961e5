"""Settings: checked once, all faults at once, no secret shown."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from kernel.ops.settings import DEVELOPMENT_MASTER_KEY, DEVELOPMENT_TOKEN_SECRET, Settings, SettingsError

KEY = base64.b64encode(b"a production key of thirty-two b").decode()
SECRET = "a production secret that nobody knows"
PRODUCTION = {"XINHUO_ENVIRONMENT": "production", "XINHUO_MASTER_KEY": KEY, "XINHUO_TOKEN_SECRET": SECRET}


def faults(environ: dict[str, str], file: Path | None = None) -> dict[str, list[str]]:
    with pytest.raises(SettingsError) as caught:
        Settings.load(environ, file)
    return caught.value.fields


def test_nothing_set_is_development_on_this_machine() -> None:
    settings = Settings.load({})
    assert settings == Settings()
    assert (settings.environment, settings.profile, settings.http_host, settings.base_port) == (
        "development",
        "embedded",
        "127.0.0.1",
        8100,
    )
    assert len(settings.master_key) == 32


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "xinhuo.toml"
    file.write_text('base_port = 9000\nlog_level = "debug"\n')
    for settings in (
        Settings.load({"XINHUO_BASE_PORT": "9100"}, file),
        Settings.load({"XINHUO_BASE_PORT": "9100", "XINHUO_SETTINGS": str(file)}),
    ):
        assert (settings.base_port, settings.log_level) == (9100, "debug")


def test_all_faults_are_told_at_once_each_with_its_variable() -> None:
    found = faults(
        {
            "XINHUO_PROFILE": "cloud",
            "XINHUO_BASE_PORT": "many",
            "XINHUO_MASTER_KEY": "short",
            "XINHUO_DATABASE_URL": "mysql://x",
            "XINHUO_TOKEN_SECRET": "short",
            "XINHUO_LOG_FORMAT": "xml",
        }
    )
    assert set(found) == {
        "XINHUO_PROFILE",
        "XINHUO_BASE_PORT",
        "XINHUO_MASTER_KEY",
        "XINHUO_DATABASE_URL",
        "XINHUO_TOKEN_SECRET",
        "XINHUO_LOG_FORMAT",
    }


def test_the_text_of_the_error_names_variables_and_no_secret() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.load({"XINHUO_TOKEN_SECRET": "hush", "XINHUO_MASTER_KEY": "hush-hush"})
    assert "XINHUO_TOKEN_SECRET" in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "variable"),
    [
        ({"XINHUO_MASTER_KEY": DEVELOPMENT_MASTER_KEY}, "XINHUO_MASTER_KEY"),
        ({"XINHUO_MASTER_KEY": ""}, "XINHUO_MASTER_KEY"),
        ({"XINHUO_TOKEN_SECRET": DEVELOPMENT_TOKEN_SECRET}, "XINHUO_TOKEN_SECRET"),
        ({"XINHUO_TOKEN_SECRET": ""}, "XINHUO_TOKEN_SECRET"),
        ({"XINHUO_FAILPOINTS": "command.before_commit=1"}, "XINHUO_FAILPOINTS"),
        ({"XINHUO_CLOCK_FILE": __file__}, "XINHUO_CLOCK_FILE"),
    ],
)
def test_production_refuses_default_secrets_simulated_days_and_failpoints(change: dict[str, str], variable: str) -> None:
    assert Settings.load(PRODUCTION).production
    assert set(faults(PRODUCTION | change)) == {variable}


def test_a_process_that_uses_no_secrets_is_not_asked_for_them() -> None:
    assert Settings.load({"XINHUO_ENVIRONMENT": "production"}, secrets=False).production
    with pytest.raises(SettingsError, match="XINHUO_FAILPOINTS"):
        Settings.load({"XINHUO_ENVIRONMENT": "production", "XINHUO_FAILPOINTS": "relay.after_publish=1"}, secrets=False)


def test_servers_need_their_addresses() -> None:
    assert set(faults({"XINHUO_PROFILE": "servers"})) == {"XINHUO_DATABASE_URL", "XINHUO_AMQP_URL"}
    urls = {"XINHUO_DATABASE_URL": "postgresql://u:p@h/d", "XINHUO_AMQP_URL": "amqp://u:p@h/v"}
    assert Settings.load({"XINHUO_PROFILE": "servers", **urls}).amqp_url == "amqp://u:p@h/v"


def test_a_file_that_is_missing_broken_or_misspelt_is_told(tmp_path: Path) -> None:
    assert set(faults({"XINHUO_SETTINGS": str(tmp_path / "none.toml")})) == {"XINHUO_SETTINGS"}
    broken = tmp_path / "broken.toml"
    broken.write_text("base_port = ")
    assert set(faults({}, broken)) == {"XINHUO_SETTINGS"}
    misspelt = tmp_path / "misspelt.toml"
    misspelt.write_text("bass_port = 9000\n")
    assert faults({}, misspelt) == {"XINHUO_BASS_PORT": ["未知的字段"]}


def test_a_clock_file_has_to_be_there() -> None:
    assert set(faults({"XINHUO_CLOCK_FILE": "/nowhere/clock"})) == {"XINHUO_CLOCK_FILE"}


def test_secrets_are_not_printed() -> None:
    settings = Settings.load({**PRODUCTION, "XINHUO_DATABASE_URL": "postgresql://user:hush@h/d"})
    for text in (repr(settings), str(settings.shown())):
        assert SECRET not in text
        assert "a production key" not in text
        assert "hush" not in text
    assert settings.shown()["database_url"] == "postgresql://user:***@h/d"
