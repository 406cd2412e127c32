"""What the tests of the library share."""

import pytest

from tests.support.http import Client


@pytest.fixture
def client(client: Client) -> Client:
    """A browser that nobody has signed in with, and that asks for English: tests quote the English words."""
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client
