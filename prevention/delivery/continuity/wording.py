"""Words for what breaks off."""

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from prevention.delivery.continuity.rules import Break, BreakKind
from prevention.programmes.wording import LEVELS

KINDS: dict[str, LazyString] = {
    BreakKind.SCHOOL: _l("Schools"),
    BreakKind.PROGRAMME: _l("Programmes"),
    BreakKind.PROVIDER: _l("Providers"),
    BreakKind.GRADE: _l("Grades"),
}


def name_words(found: Break) -> str:
    """Name what breaks off."""
    if found.kind is BreakKind.GRADE:
        level, _dash, grade = found.name.rpartition("-")
        return _("Grade %(grade)s, %(level)s", grade=grade, level=str(LEVELS.get(level, level)).lower())
    return f"{found.name}, {found.place}" if found.place else found.name


def break_words(found: Break) -> str:
    """Say in a line what breaks off: what there was in the two years before, and what there is."""
    return _(
        "%(name)s: %(now)s classes now, %(last)s last year, %(earlier)s the year before",
        name=name_words(found),
        now=found.now,
        last=found.before[0],
        earlier=found.before[1] if len(found.before) > 1 else 0,
    )
