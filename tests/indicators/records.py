"""Sealed files made for tests, without a wave."""

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prevention.indicators import seal
from prevention.surveys.rules import Answers
from prevention.surveys.service import SurveyRow


def record(answers: Answers | None = None, **values: Any) -> SurveyRow:
    """Make one record: a pupil of an upper secondary class."""
    return SurveyRow(
        **{
            "cluster": "c1",
            "site_code": "CRPS000001",
            "institute_code": "CRIS000001",
            "municipality": "019036",
            "level": "secondo_grado",
            "track": "liceo",
            "grade": 2,
            "answers": answers or {},
            **values,
        }
    )


def sealed(folder: Path, rows: Sequence[SurveyRow], *, items: Sequence[str]) -> Path:
    """Write records to a sealed file in a folder."""
    path = folder / f"{uuid.uuid4().hex}.parquet"
    seal.write_parquet(path, rows, items=items)
    return path
