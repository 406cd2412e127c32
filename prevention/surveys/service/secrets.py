"""Where the keys of codes come from: the installation's secret, and the two keys of each wave."""

import secrets

from flask import current_app

from prevention.config import Settings

KEY_BYTES = 32


def pepper() -> bytes:
    """Give the installation's secret for codes, without which the hashes in the database say nothing."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.derived_key("surveys codes")


def fresh_key() -> bytes:
    """Draw a key of a wave."""
    return secrets.token_bytes(KEY_BYTES)
