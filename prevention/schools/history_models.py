"""Rows of what goes on from one school year to the next: codes that follow codes, classes that follow classes."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from prevention.core.db import Model, UtcDateTime, UUIDPk
from prevention.schools.models import Site

# Named here because the service turns a violation of them into a refusal. On SQLite it names the columns.
ONE_DECISION_PER_CODE = ("uq_site_succession_old_code", "site_succession.old_code")


class SiteSuccession(Model):
    """What the office decided about a code that the register no longer lists: which site goes on in its place.

    `site_id` is None when the school closed and none does. `since` is the first school year of the new code.
    `evidence` is what was shown when it was decided (`succession.Evidence` as a mapping). One decision for each code;
    taking it back removes the row, the trail keeps it.
    """

    __tablename__ = "site_succession"
    __table_args__ = (
        UniqueConstraint("old_code", name="uq_site_succession_old_code"),
        CheckConstraint("length(old_code) = 10", name="code_length"),
    )

    id: Mapped[UUIDPk]
    old_code: Mapped[str] = mapped_column(String(10))
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"), index=True)
    since: Mapped[int]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    decided_by: Mapped[uuid.UUID]
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)

    site: Mapped[Site | None] = relationship()


class ClassLineage(Model):
    """A class that goes on as another one the year after. Two rows from one class are a split, two to one a merger."""

    __tablename__ = "class_lineage"

    from_class_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("school_class.id", ondelete="CASCADE"), primary_key=True
    )
    to_class_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("school_class.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class ClassForwarding(Model):
    """That a site's classes were carried into a school year, and what this changed, so that it can be undone.

    `created` are ids of classes that came into being; `relinked` maps ids of classes that were there already to the
    generation they had before. `is_answered` says that the school itself said what became of each class.
    """

    __tablename__ = "class_forwarding"
    __table_args__ = (UniqueConstraint("site_id", "school_year", name="uq_class_forwarding_site_year"),)

    id: Mapped[UUIDPk]
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    school_year: Mapped[int]
    created: Mapped[list[str]] = mapped_column(JSON)
    relinked: Mapped[dict[str, str]] = mapped_column(JSON)
    is_answered: Mapped[bool]
    made_by: Mapped[uuid.UUID | None]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
