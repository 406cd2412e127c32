"""Papers of one booking: letter to families, circular, note for the class register, presence sheet.

Made in the request that asks for them: one or two pages take some 0.2 s of processor time (`core.pdf`), less than a
job would keep a person waiting. The certificate of hours comes from registers, so it is at home in `delivery`.

The words are texts that the office can change, like those of mails. No paper carries a name of a pupil: the presence
sheet has numbered lines.
"""

from prevention.booking.papers.kinds import KINDS, PAPER_LANGUAGES, PaperKind
from prevention.booking.papers.writing import (
    families_languages,
    has_papers,
    paper_name,
    print_text,
    write_letter,
    write_presence_sheet,
)

__all__ = [
    "KINDS",
    "PAPER_LANGUAGES",
    "PaperKind",
    "families_languages",
    "has_papers",
    "paper_name",
    "print_text",
    "write_letter",
    "write_presence_sheet",
]
