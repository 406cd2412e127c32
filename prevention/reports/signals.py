"""What the reports ask of the rooms above, without importing them. `create_app` connects the answers."""

from dataclasses import dataclass

from blinker import Signal

# Sent with `school_year`. A receiver returns a DataFile: what machines are given of that year's survey figures.
data_asked = Signal()


@dataclass(frozen=True, kw_only=True, slots=True)
class DataRow:
    """One figure as a file for machines has it: which one, and the numbers as they were read back from the file."""

    survey: str
    indicator: str
    dimension: str
    group: str
    share: float | None
    low: float | None
    high: float | None
    shown: bool
    text: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DataFile:
    """A file for machines that is handed out beside the papers."""

    name: str
    rows: tuple[DataRow, ...]
