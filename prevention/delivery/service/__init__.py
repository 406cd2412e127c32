"""The verbs of registers: list the meetings that want one, load one meeting for somebody, record what happened."""

from prevention.delivery.service.meetings import (
    MeetingLine,
    Shelf,
    count_for,
    line_of,
    lines_of,
    meeting_for,
    meetings_to_register,
    missing_registers,
    near_meetings,
    next_meetings,
    shelf_for,
    shelf_lines,
)
from prevention.delivery.service.recording import is_waiting, record, register_of

__all__ = [
    "MeetingLine",
    "Shelf",
    "count_for",
    "is_waiting",
    "line_of",
    "lines_of",
    "meeting_for",
    "meetings_to_register",
    "missing_registers",
    "near_meetings",
    "next_meetings",
    "record",
    "register_of",
    "shelf_for",
    "shelf_lines",
]
