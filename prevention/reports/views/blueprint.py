"""The blueprint that all pages of this room hang on."""

from flask import Blueprint

from prevention.reports import wording
from prevention.reports.forms import LANGUAGE_WORDS
from prevention.schools.rules import school_year_label

bp = Blueprint("reports", __name__, url_prefix="/reports")


@bp.context_processor
def words() -> dict[str, object]:
    """Give this room's templates the words for its values."""
    return {
        "status_words": wording.STATUS,
        "status_tones": wording.TONES,
        "state_words": wording.STATES,
        "state_tones": wording.STATE_TONES,
        "build_words": wording.BUILDS,
        "kind_words": wording.KINDS,
        "problems": wording.PROBLEMS,
        "language_words": LANGUAGE_WORDS,
        "year_label": school_year_label,
    }
