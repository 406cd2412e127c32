"""Pages of staff in the surveys room: waves, questionnaires, translations. Never an answer, never a count."""

from prevention.surveys.views import classes, drafts, imports, questionnaires, translations, waves
from prevention.surveys.views.blueprint import bp

__all__ = ["bp", "classes", "drafts", "imports", "questionnaires", "translations", "waves"]
