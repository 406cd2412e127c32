"""What the outbox tells and asks the rooms above, without importing them. `create_app` connects the answers."""

from collections.abc import Mapping

from blinker import Signal

# Sent with `address`: the mail server refused it for good, or took mail for it.
address_refused = Signal()
address_accepted = Signal()

# Sent with `before` and `after` when the office corrects an address. A receiver that knows whose it is changes it
# there too, and raises AddressTaken when the new one is somebody else's.
address_corrected = Signal()

# Sent with `addresses`, a frozenset. A receiver returns a mapping address -> name of its owner.
owners_asked = Signal()


def ask_owners(addresses: frozenset[str]) -> dict[str, str]:
    """Collect the names of the owners of addresses; an address that nobody knows is missing from the answer."""
    found: dict[str, str] = {}
    for _receiver, answer in owners_asked.send(None, addresses=addresses):
        if isinstance(answer, Mapping):
            found.update(answer)
    return found
