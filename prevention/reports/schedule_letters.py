"""Mail about the yearly schedule: the draft is there, or the year still lacks something."""

from flask_babel import gettext as _

from prevention.accounts.models import User
from prevention.core.i18n import in_language
from prevention.core.web import address_of
from prevention.messages import service as messages
from prevention.reports.edition_rules import Missing
from prevention.reports.models import ReportEdition
from prevention.reports.wording import missing_words
from prevention.schools.rules import school_year_label


def tell_begun(person: User, edition: ReportEdition) -> None:
    """Tell somebody of the office that the draft of a year's report waits for its texts; once for an edition."""
    year = school_year_label(edition.school_year)
    with in_language(person.language):
        subject = _("The draft of the yearly report %(year)s is ready", year=year)
        body = _(
            "Good day %(name)s,\n\n"
            "the school year %(year)s is closed. The figures of its report are frozen and wait for your texts:\n"
            "%(page)s\n\n"
            "Write what the office concludes and what it plans, look at the page, then send it to a second person.\n",
            name=person.name,
            year=year,
            page=address_of("reports.edition", edition_id=edition.id),
        )
    _send(person, key=f"report-begun:{edition.id}:{person.id}", subject=subject, body=body)


def tell_missing(person: User, missing: Missing, *, school_year: int, number: int) -> None:
    """Tell somebody of the office what a year lacks before its report can be begun; once for each `number`."""
    year = school_year_label(school_year)
    with in_language(person.language):
        subject = _("The yearly report %(year)s waits: what is missing", year=year)
        body = _(
            "Good day %(name)s,\n\n"
            "the report of the school year %(year)s cannot be begun yet:\n"
            "%(missing)s\n\n"
            "It is begun by itself as soon as nothing is missing; you get a mail then. If registers can no longer be "
            "had, you can begin it yourself, and the report says how many are missing:\n%(page)s\n",
            name=person.name,
            year=year,
            missing="\n".join(f"– {sentence}" for sentence in missing_words(missing)),
            page=address_of("reports.new_edition"),
        )
    _send(person, key=f"report-missing:{school_year}:{number}:{person.id}", subject=subject, body=body)


def _send(person: User, *, key: str, subject: str, body: str) -> None:
    messages.enqueue(key=key, to=person.email, subject=subject, body=body, language=person.language)
