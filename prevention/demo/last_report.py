"""Last year's report, written by the office and waiting for the signature of a second person."""

from datetime import date

from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.demo.district import District
from prevention.reports import edition_reading, editions

TEXTS = {
    "it": {
        "conclusions": (
            "I programmi sono arrivati in **quasi tutte le scuole**, e quasi tutti gli incontri prenotati si sono "
            "tenuti.\n\n"
            "- Non tutte le classi hanno fatto un programma intero: è la prima cosa da migliorare.\n"
            "- Dove non siamo ancora arrivati cominceremo il prossimo anno.\n\n"
            "I ragazzi dicono di conoscere i servizi. Restiamo attenti a *quando* si comincia."
        ),
        "plan": (
            "- Riaprire a settembre gli stessi programmi con le stesse scuole.\n"
            "- Ripetere la rilevazione in primavera, con le stesse domande.\n"
            "- Portare il foglio per i genitori in ogni prima riunione di classe."
        ),
    },
    "en": {
        "conclusions": (
            "The programmes reached **almost all schools**, and almost all meetings booked were held.\n\n"
            "Not every class had a whole programme: that is the first thing to mend. Where we have not been yet, we "
            "begin next year."
        ),
        "plan": "- The same programmes with the same schools.\n- The survey again in spring, with the same questions.",
    },
}


def write_last_years_report(district: District, *, school_year: int, today: date) -> None:
    """Begin the report of a school year, write its texts, and send it to the second person if the year is closed."""
    office = actor_of(district.people.office)
    edition = editions.begin(office, school_year=school_year, now=clock.now(), today=today)
    editions.save_texts(office, edition, TEXTS, changes={}, version=edition.texts_version)
    lacks = edition_reading.missing(edition, today=today)
    if not lacks.but_for_registers(lacks.registers):
        editions.send_to_review(office, edition, now=clock.now(), today=today, accepted=lacks.registers)
