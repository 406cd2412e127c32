"""A bad setting stops the start with a sentence that names it."""

import stat
from pathlib import Path

import pytest

from prevention.config import BadSetting, Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("BASE_URL", "prevenzione.example.org"),
        ("MAIL_URL", "http://mail.example.org"),
        ("MAIL_URL", "smtp://mail.example.org?encryption=rot13"),
        ("LOG_LEVEL", "LOUD"),
        ("MAX_UPLOAD_MIB", "0"),
        ("MAX_UPLOAD_MIB", "many"),
        ("REPORT_DAY", "soon"),
        ("REPORT_DAY", "13-01"),
        ("REPORT_DAY", "02-29"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        Settings.from_environment({"INSTANCE": str(tmp_path), name: value})


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = Settings.from_environment({"INSTANCE": str(tmp_path)})
    second = Settings.from_environment({"INSTANCE": str(tmp_path)})

    assert first.secret_key == second.secret_key
    assert 0o600 == stat.S_IMODE((tmp_path / "secret_key").stat().st_mode)


def test_an_emptied_secret_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("")

    with pytest.raises(BadSetting, match="secret_key"):
        Settings.from_environment({"INSTANCE": str(tmp_path)})


def test_secrets_are_not_shown_when_settings_are_printed(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {
            "INSTANCE": str(tmp_path),
            "MAIL_URL": "smtps://user:very-secret@mail.example.org",
            "DATABASE_URL": "postgresql://user:very-secret@db.example.org/x",
        }
    )

    assert "very-secret" not in repr(settings)
    assert settings.secret_key not in repr(settings)


def test_keys_derived_for_two_purposes_differ(tmp_path: Path) -> None:
    settings = Settings.from_environment({"INSTANCE": str(tmp_path)})

    assert settings.derived_key("one") != settings.derived_key("two")


@pytest.mark.parametrize("url", ["postgres://h/x", "postgresql://h/x", "postgresql+psycopg://h/x"])
def test_postgresql_is_reached_through_one_driver(tmp_path: Path, url: str) -> None:
    settings = Settings.from_environment({"INSTANCE": str(tmp_path), "DATABASE_URL": url})

    assert "postgresql+psycopg://h/x" == settings.database_url
