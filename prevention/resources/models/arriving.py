"""Rows of what is on its way into the library: spreadsheets to confirm, files in pieces."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Integer,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from prevention.core.db import Model, UtcDateTime, UUIDPk


class ResourceImport(Model):
    """Rows of a spreadsheet that somebody handed in and has not confirmed yet; confirming takes the row away.

    `rows` is a list of ``{"row": number in the file, "values": {column: text}}``, all of them without a fault.
    """

    __tablename__ = "resource_import"

    id: Mapped[UUIDPk]
    file_name: Mapped[str] = mapped_column(String(255))
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    uploaded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ResourceUpload(Model):
    """A file on its way to the server in pieces: how many bytes it will have, and how many came and are kept.

    Whoever sent it names it in a form, which takes the row away. Its content lies in `core.parts` until then.
    """

    __tablename__ = "resource_upload"
    __table_args__ = (
        CheckConstraint("size >= 1", name="size"),
        CheckConstraint("received BETWEEN 0 AND size", name="received"),
    )

    id: Mapped[UUIDPk]
    file_name: Mapped[str] = mapped_column(String(255))
    size: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"))
    received: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), default=0)
    uploaded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    pieces: Mapped[list["ResourceUploadPiece"]] = relationship(
        lazy="raise_on_sql", order_by="ResourceUploadPiece.start", passive_deletes=True
    )


class ResourceUploadPiece(Model):
    """A piece of a file on its way: where it begins in the file, in bytes, and the key of the kept part."""

    __tablename__ = "resource_upload_piece"

    upload_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("resource_upload.id", ondelete="CASCADE"), primary_key=True)
    start: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    part: Mapped[str] = mapped_column(String(65), unique=True)
