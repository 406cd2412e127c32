"""The demo's library: the reference catalogue, a few with files made here as tagged PDFs, reviewed and published."""

import io
from datetime import timedelta
from html import escape
from random import Random

from flask import current_app

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.config import MEBIBYTE, Settings
from prevention.core import clock
from prevention.core.intake import Kept, Upload, keep
from prevention.core.pdf import render_pdf
from prevention.demo.district import District
from prevention.programmes.rules import EvidenceClass
from prevention.resources import reference
from prevention.resources import service as resources
from prevention.resources.models import SHELF, Resource
from prevention.resources.rules import Moment, Outcome, Step
from prevention.resources.search import written_at_once
from prevention.schools.rules import Level

# These get a file; making one takes a tenth of a second. The others are links.
WITH_FILE = ("norme-percepite", "dire-di-no", "lst1-lettera")
# These have not got through yet, so that the editors' desk shows something.
DRAFTS = ("benessere-docenti",)
WAITING = ("volantino-movida", "sonno-adolescenti")
REVIEWED = ("obiettivi-futuro",)
OUTDATED = ("testimonianze-cautele", "nuove-sostanze")
RETIRED = ("alcol-gravidanza",)


def fill_library(district: District, *, rng: Random) -> None:
    """Add the materials; Dario writes, Anna reviews and publishes, at some day of the last year and a half."""
    author, office = district.people.facilitator, district.people.office
    made: dict[str, Resource] = {}
    with written_at_once():
        for key, details in reference.details_by_key(resources.programme_choices()).items():
            age = timedelta(days=760 if key in OUTDATED else rng.randrange(20, 500))
            with clock.frozen(clock.now() - age):
                kept = _printed(details.title, details.abstract, name=f"{key}.pdf") if key in WITH_FILE else None
                added = resources.add(actor_of(author), details, kept, now=clock.now())
                _bring_on(added, key, author=author, office=office)
                made[key] = added
    _make_kit(district, made)


def _make_kit(district: District, made: dict[str, Resource]) -> None:
    office = actor_of(district.people.office)
    meeting = next(
        (rows[0] for name, rows in resources.meeting_choices().items() if "Unplugged" in name.text("it")), None
    )
    kit = resources.write_kit(
        office,
        None,
        title="Unplugged: per il primo incontro",
        intro="Da leggere prima, da fare in classe, da consegnare alle famiglie dopo.",
        meeting_id=meeting.id if meeting else None,
        is_published=True,
        now=clock.now(),
    )
    for key, moment in (
        ("unplugged-manuale", Moment.BEFORE),
        ("accoglienza-giochi", Moment.DURING),
        ("norme-percepite", Moment.DURING),
        ("unplugged-genitori", Moment.AFTER),
    ):
        resources.add_item(office, kit, made[key], moment, now=clock.now())
    resources.give_feedback(
        actor_of(district.people.coordinator),
        made["norme-percepite"],
        outcome=Outcome.WORKED,
        grade=(Level.SECONDO_GRADO, 1),
        comment="Le stime hanno fatto discutere tutti; servono dieci minuti in più.",
    )
    resources.wish(None, words="gioco da tavolo sul sonno", about="Per una prima media, un'ora.")


def _bring_on(resource: Resource, key: str, *, author: User, office: User) -> None:
    if key in DRAFTS:
        return
    resources.take_step(actor_of(author), resource, Step.HAND_IN, now=clock.now())
    if key in WAITING:
        return
    resources.take_step(actor_of(office), resource, Step.APPROVE, now=clock.now())
    if key in REVIEWED:
        return
    evidence = EvidenceClass.LIKELY_BENEFICIAL if "unplugged" in key else None
    resources.take_step(actor_of(office), resource, Step.PUBLISH, now=clock.now(), evidence_class=evidence)
    if key in RETIRED:
        remark = "I dati citati sono superati; sta arrivando una versione nuova."
        resources.take_step(actor_of(office), resource, Step.RETIRE, now=clock.now(), remark=remark)


def _printed(title: str, abstract: str, *, name: str) -> Kept:
    settings: Settings = current_app.config["SETTINGS"]
    pdf = render_pdf(_page(title, abstract), title=title, language="it")
    upload = Upload(stream=io.BytesIO(pdf), file_name=name)
    return keep(upload, max_bytes=settings.max_upload_mib * MEBIBYTE, shelf=SHELF)


def _page(title: str, abstract: str) -> str:
    headings = ("Scopo", "Materiali", "Come si svolge", "Che cosa portiamo via")
    sections = "".join(f"<h2>{escape(heading)}</h2><p>Testo di esempio della demo.</p>" for heading in headings)
    return (
        f'<!DOCTYPE html><html lang="it"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f"<body><h1>{escape(title)}</h1><p>{escape(abstract)}</p>{sections}</body></html>"
    )
