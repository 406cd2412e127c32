"""The printed sheet: slips of a class, 24 on an A4 page, each with a QR code and the code to type.

The QR holds the site's address with the code behind the ``#``, the one part of an address that browsers do not send.
The sheet is made in the request that draws the codes and is kept nowhere: it cannot be printed a second time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import segno
from flask import render_template
from flask_babel import gettext as _

from prevention.core.i18n import current_language
from prevention.core.pdf import render_pdf
from prevention.surveys import service
from prevention.surveys.models import WaveClass

SLIPS_PER_PAGE = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class Slip:
    """One slip: the code to type and the QR as SVG."""

    code: str = field(repr=False)
    qr: str = field(repr=False)


def code_sheet(wave_class: WaveClass, codes: Sequence[str], *, address: str, today: date) -> bytes:
    """Print the slips of a class as an accessible PDF.

    Args:
        wave_class: the class, with its wave and school.
        codes: as `service.make_codes` gave them.
        address: where pupils type the code, e.g. ``https://prevenzione.example.org/s/``.
        today: the day of printing.
    """
    slips = [Slip(code=code, qr=_qr(f"{address}#{code}", code=code)) for code in codes]
    title = _("Slips of class %(label)s", label=wave_class.school_class.label)
    return render_pdf(
        render_template(
            "surveys/code_sheet.html",
            title=title,
            pages=[slips[start : start + SLIPS_PER_PAGE] for start in range(0, len(slips), SLIPS_PER_PAGE)],
            wave_class=wave_class,
            wave=wave_class.wave,
            site=wave_class.school_class.site,
            address=address.removeprefix("https://").removeprefix("http://").rstrip("/"),
            acts=service.acts_of(wave_class.wave),
        ),
        title=title,
        language=current_language(),
        dated=today,
    )


def _qr(address: str, *, code: str) -> str:
    qr = segno.make(address, error="m", micro=False)
    drawn: str = qr.svg_inline(title=_("QR code of the slip %(code)s", code=code), border=0, omitsize=True)
    return drawn
