"""Settings, read once from the environment. A bad or missing value stops the start with a sentence."""

import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from prevention.core import blobs
from prevention.core.mail import MailServer

ROOT = Path(__file__).resolve().parent.parent
MEBIBYTE = 1024 * 1024
SHORTEST_SECRET = 32


class BadSetting(ValueError):
    """A setting that the application cannot start with; the text names the variable and what it wants."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Everything that differs between two installations."""

    secret_key: str = field(repr=False)
    database_url: str = field(repr=False)
    instance: Path
    base_url: str
    mail_server: MailServer | None = field(repr=False)
    mail_from: str
    district: str
    log_level: str
    max_upload_mib: int
    max_material_mib: int
    waiting_offer_hours: int
    analytics_engine: str = "duckdb"
    clamav_url: str = ""
    files_url: str = field(default="", repr=False)
    fetches_private: bool = False
    report_day: tuple[int, int] = (7, 1)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings.

        Variables: ``SECRET_KEY`` (made once into ``instance/secret_key`` when not given), ``DATABASE_URL``,
        ``INSTANCE`` (folder), ``BASE_URL``, ``MAIL_URL``, ``MAIL_FROM``, ``DISTRICT``, ``LOG_LEVEL``,
        ``MAX_UPLOAD_MIB``, ``MAX_MATERIAL_MIB``, ``WAITING_OFFER_HOURS``, ``CLAMAV_URL``,
        ``FILES_URL``, ``FETCH_PRIVATE_ADDRESSES``, ``ANALYTICS_ENGINE``, ``REPORT_DAY``.

        Raises:
            BadSetting: a value cannot be used.
        """
        instance = Path(environment.get("INSTANCE") or ROOT / "instance").resolve()
        instance.mkdir(parents=True, exist_ok=True)
        return cls(
            secret_key=_secret(environment.get("SECRET_KEY", ""), instance),
            database_url=_database(environment.get("DATABASE_URL", ""), instance),
            instance=instance,
            base_url=_base_url(environment.get("BASE_URL") or "http://127.0.0.1:8000"),
            mail_server=_mail_server(environment.get("MAIL_URL", "")),
            mail_from=environment.get("MAIL_FROM") or "prevenzione@example.org",
            district=environment.get("DISTRICT") or "Cremona",
            log_level=_log_level(environment.get("LOG_LEVEL") or "INFO"),
            max_upload_mib=_positive("MAX_UPLOAD_MIB", environment.get("MAX_UPLOAD_MIB") or "25"),
            max_material_mib=_positive("MAX_MATERIAL_MIB", environment.get("MAX_MATERIAL_MIB") or "200"),
            clamav_url=_clamav(environment.get("CLAMAV_URL", "")),
            files_url=_files(environment.get("FILES_URL", "")),
            fetches_private=environment.get("FETCH_PRIVATE_ADDRESSES") == "yes",
            waiting_offer_hours=_positive("WAITING_OFFER_HOURS", environment.get("WAITING_OFFER_HOURS") or "48"),
            report_day=_day_of_year("REPORT_DAY", environment.get("REPORT_DAY") or "07-01"),
            analytics_engine=_engine(environment.get("ANALYTICS_ENGINE") or "duckdb"),
        )

    def flask_config(self) -> dict[str, Any]:
        """Give the settings under the names that Flask and its extensions read."""
        is_https = self.base_url.startswith("https://")
        return {
            "SETTINGS": self,
            "SECRET_KEY": self.secret_key,
            "FILES_URL": self.files_url,
            "CLAMAV_URL": self.clamav_url,
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            # What a driver says of a failed statement ends in logs; the values in it do not belong there.
            "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},
            "MAX_CONTENT_LENGTH": self.max_upload_mib * MEBIBYTE,
            # A whole questionnaire is some 120 small fields; Werkzeug counts each as a part.
            "MAX_FORM_MEMORY_SIZE": MEBIBYTE,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": is_https,
            "REMEMBER_COOKIE_HTTPONLY": True,
            "REMEMBER_COOKIE_SAMESITE": "Lax",
            "REMEMBER_COOKIE_SECURE": is_https,
            "WTF_CSRF_TIME_LIMIT": None,
            "WTF_CSRF_SSL_STRICT": True,
            "SECURITY_PASSWORD_SALT": self.derived_key("password salt").hex(),
        }

    def derived_key(self, purpose: str) -> bytes:
        """Derive a 32-byte key for one purpose from the secret, so that no key serves two."""
        return _derived(self.secret_key, purpose)


@cache
def _derived(secret: str, purpose: str) -> bytes:
    # Asked three times for every answer that a pupil sends, always for the same few purposes.
    return hmac.digest(secret.encode(), purpose.encode(), "sha256")


def _secret(given: str, instance: Path) -> str:
    if given:
        if len(given) < SHORTEST_SECRET:
            raise BadSetting(f"SECRET_KEY must have at least {SHORTEST_SECRET} characters")
        return given
    path = instance / "secret_key"
    try:
        # Exclusive creation: two processes that start together agree on one secret.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = path.read_text().strip()
        if len(kept) < SHORTEST_SECRET:
            raise BadSetting(f"{path} holds no usable secret: delete it or set SECRET_KEY") from None
        return kept
    secret = secrets.token_urlsafe(48)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    return secret


def _database(given: str, instance: Path) -> str:
    url = given or f"sqlite:///{instance / 'prevention.sqlite'}"
    if url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise BadSetting("DATABASE_URL must begin with sqlite:/// or postgresql://")
    return url


def _base_url(given: str) -> str:
    parts = urlsplit(given)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadSetting("BASE_URL must be the site's public address, e.g. https://prevenzione.example.org")
    return given.rstrip("/")


def _mail_server(given: str) -> MailServer | None:
    if not given:
        return None
    try:
        return MailServer.from_url(given)
    except ValueError as error:
        raise BadSetting(f"MAIL_URL: {error}") from error


def _log_level(given: str) -> str:
    if given.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise BadSetting("LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR")
    return given.upper()


def _files(given: str) -> str:
    try:
        if given:
            blobs.check_url(given)
    except ValueError as error:
        raise BadSetting(f"FILES_URL: {error}") from error
    return given


def _clamav(given: str) -> str:
    parts = urlsplit(given)
    if given and not (parts.scheme == "unix" and parts.path) and not (parts.scheme == "tcp" and parts.hostname):
        raise BadSetting("CLAMAV_URL must be unix:///path/of/the/socket or tcp://host:port")
    return given


def _engine(given: str) -> str:
    if given != "duckdb" and not given.startswith("spark://"):
        raise BadSetting("ANALYTICS_ENGINE must be duckdb or the address of a cluster, spark://host:port")
    return given


def _positive(name: str, given: str) -> int:
    if not given.isdigit() or int(given) < 1:
        raise BadSetting(f"{name} must be a whole number above 0")
    return int(given)


def _day_of_year(name: str, given: str) -> tuple[int, int]:
    try:
        # A year without a leap day: a day that is missing three years in four is none.
        day = date.fromisoformat(f"2001-{given}")
    except ValueError:
        raise BadSetting(f"{name} must be month and day as MM-DD, e.g. 07-01") from None
    return day.month, day.day
