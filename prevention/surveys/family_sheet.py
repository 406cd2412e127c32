"""The sheet that tells families of a survey: what is asked, that nobody is named, how to say no. One page, as PDF."""

from datetime import date

from flask import render_template
from flask_babel import gettext as _

from prevention.core.languages import direction_of
from prevention.core.pdf import render_pdf
from prevention.network import service as network
from prevention.surveys import interface, service
from prevention.surveys.models import Wave


def family_sheet(wave: Wave, *, language: str, today: date) -> bytes:
    """Print the sheet in a language that the pages for pupils speak."""
    with interface.words_in(language):
        title = _("To the families: an anonymous survey at school")
        return render_pdf(
            render_template(
                "surveys/family_sheet.html",
                title=title,
                wave=wave,
                language=language,
                direction=direction_of(language),
                help_lines=network.help_services(),
                acts=service.acts_of(wave),
            ),
            title=title,
            language=language,
            dated=today,
        )
