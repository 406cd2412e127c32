"""Mail about reports: schools are told that their sheet is there, mayors and planning areas that their pages are."""

from flask_babel import gettext as _

from prevention.accounts import service as accounts
from prevention.core.i18n import in_language
from prevention.core.web import address_of
from prevention.messages import service as messages
from prevention.reports.mayor_letters import tell_mayors
from prevention.reports.models import ReportEdition
from prevention.roles import Role
from prevention.schools.rules import school_year_label


def tell_published(edition: ReportEdition) -> None:
    """Tell coordinators that report and sheet are published, and mayors their pages; each once for an edition."""
    year = school_year_label(edition.school_year)
    for person in accounts.users_holding(Role.COORDINATOR):
        with in_language(person.language):
            subject = _("The report of the school year %(year)s, and your school's sheet", year=year)
            body = _(
                "Good day %(name)s,\n\n"
                "the yearly report %(year)s is published. Your school's own sheet is here, after signing in:\n"
                "%(sheet)s\n\n"
                "The report for everybody:\n%(report)s\n",
                name=person.name,
                year=year,
                sheet=address_of("reports.school_sheets"),
                report=address_of("reports.published_year", school_year=edition.school_year),
            )
        messages.enqueue(
            key=f"report-published:{edition.id}:{person.id}",
            to=person.email,
            subject=subject,
            body=body,
            language=person.language,
        )
    tell_mayors(edition)
