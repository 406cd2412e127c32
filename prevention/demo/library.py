"""A few materials for the demo's library, written here and made into tagged PDFs."""

import io
from html import escape

from flask import current_app

from prevention.accounts.service import actor_of
from prevention.config import MEBIBYTE, Settings
from prevention.core import clock
from prevention.core.pdf import render_pdf
from prevention.demo.district import District
from prevention.programmes import service as programmes
from prevention.resources import service as resources
from prevention.resources.intake import Upload
from prevention.resources.rules import Language, Licence, ResourceKind
from prevention.schools.rules import Level

MATERIALS = (
    (
        "unplugged",
        ResourceKind.LESSON_PLAN,
        "Quanti lo fanno davvero? Una lezione sulle norme percepite",
        (
            "Traccia di 50 minuti: la classe stima quanti coetanei bevono o fumano, poi confronta le stime con i dati "
            "della provincia e discute perché quasi tutti stimano troppo."
        ),
        ("Scopo", "Materiali", "Stima in coppia", "Confronto con i dati", "Discussione guidata"),
        frozenset({(Level.SECONDO_GRADO, 1), (Level.SECONDO_GRADO, 2)}),
    ),
    (
        "peer-education",
        ResourceKind.ACTIVITY,
        "Dire di no senza perdere la faccia",
        "Attività per gruppi di quattro: situazioni scritte dai ragazzi, sei modi di rifiutare, prova e riscontro.",
        ("Come si prepara", "Le sei strade", "Prova a gruppi", "Che cosa portiamo via"),
        frozenset({(Level.SECONDO_GRADO, grade) for grade in (1, 2, 3)}),
    ),
    (
        "lifeskills-training-1",
        ResourceKind.LETTER,
        "Lettera alle famiglie: che cosa faremo quest'anno",
        "Una pagina da consegnare all'inizio: che cosa è il percorso, chi lo conduce, a chi chiedere.",
        ("Care famiglie", "Che cosa faremo", "A chi chiedere"),
        frozenset({(Level.PRIMO_GRADO, 1)}),
    ),
)


def fill_library(district: District) -> None:
    """Add the materials, with a file each, and publish them."""
    office = actor_of(district.people.office)
    settings: Settings = current_app.config["SETTINGS"]
    for slug, kind, title, abstract, headings, grades in MATERIALS:
        pdf = render_pdf(_page(title, abstract, headings), title=title, language="it")
        details = resources.Details(
            title=title,
            abstract=abstract,
            kind=kind,
            language=Language.IT,
            licence=Licence.CC_BY,
            authors="Redazione della demo",
            programme_id=programmes.programme(slug).id,
            grades=grades,
        )
        resource = resources.add(
            office,
            details,
            Upload(stream=io.BytesIO(pdf), file_name=f"{slug}.pdf"),
            max_bytes=settings.max_upload_mib * MEBIBYTE,
            now=clock.now(),
        )
        resources.publish(office, resource)


def _page(title: str, abstract: str, headings: tuple[str, ...]) -> str:
    sections = "".join(f"<h2>{escape(heading)}</h2><p>Testo di esempio della demo.</p>" for heading in headings)
    return (
        f'<!DOCTYPE html><html lang="it"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f"<body><h1>{escape(title)}</h1><p>{escape(abstract)}</p>{sections}</body></html>"
    )
