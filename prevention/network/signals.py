"""What the network asks of the rooms above, without importing them. `create_app` connects the answers."""

import uuid
from dataclasses import dataclass
from datetime import date

from blinker import Signal

# Sent with `organisation_id`, `municipality_id` (None: it is no municipality) and `today`. A receiver returns a list
# of Concern.
concerns_asked = Signal()


@dataclass(frozen=True, kw_only=True, slots=True)
class Concern:
    """What another room knows that concerns an organisation: a heading, and lines of words and value.

    All of it in the language of the reader.
    """

    title: str
    lines: tuple[tuple[str, str], ...]


def ask_concerns(organisation_id: uuid.UUID, municipality_id: uuid.UUID | None, *, today: date) -> list[Concern]:
    """Collect what concerns an organisation; headings without lines are left out."""
    found: list[Concern] = []
    for _receiver, answer in concerns_asked.send(
        None, organisation_id=organisation_id, municipality_id=municipality_id, today=today
    ):
        found += [concern for concern in answer or [] if concern.lines]
    return found
