"""Counting the statements that a stretch of code sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine


@dataclass(slots=True)
class Statements:
    """The statements that were sent, without those that only steer the transaction."""

    sent: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many."""
        return len(self.sent)


@contextmanager
def counted_queries() -> Iterator[Statements]:
    """Count the statements sent inside the block, on any connection of this process."""
    statements = Statements()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")):
            statements.sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)
