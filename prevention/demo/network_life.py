"""The network of the demo: a partner who signs in, agreements, acts, the steering table, money, quality, signals.

Everything is made up and goes through the same verbs as in life, in a few hundred statements.
"""

import io
import uuid
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy import select

from prevention.accounts import service as accounts
from prevention.accounts.service import Grant, add_user
from prevention.core import clock, files
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.core.intake import Kept
from prevention.demo.district import PASSWORD, District
from prevention.early_signals import service as early_signals
from prevention.early_signals.models import EarlySignal
from prevention.early_signals.rules import SignalKind, SignalStatus, monday_of
from prevention.network import service as network
from prevention.network.governance_models import DOCUMENT_SHELF, Document
from prevention.network.governance_rules import ActKind, AgreementKind
from prevention.network.models import Municipality, Organisation
from prevention.network.rules import OrganisationKind
from prevention.programmes import service as programmes
from prevention.programmes.quality_rules import Part, Stage, StageState
from prevention.programmes.service import quality
from prevention.roles import Role
from prevention.schools.models import Institute

PARTNER_EMAIL = "franca@example.org"
WEEK = timedelta(days=7)
SUMMER = (7, 8)
# The smallest file that readers take for a PDF; a page saying that it is made up would need a typesetter.
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
WORDS = {
    SignalKind.SMOKING: "Sigarette elettroniche usa e getta, vendute fuori da scuola e usate nei bagni.",
    SignalKind.ALCOHOL: "Alcol prima delle lezioni, soprattutto dopo il fine settimana.",
    SignalKind.GAMBLING: "Scommesse sportive dal telefono durante la ricreazione.",
    SignalKind.NEW_PRODUCT: "Bustine alla nicotina senza etichetta in italiano, comprate in rete.",
}


def run_network(district: District, *, school_year: int, today: date, rng: Random) -> None:
    """Let the network of the demo work for a year."""
    anna = accounts.actor_of(district.people.office)
    town = _town(anna)
    add_user(
        PARTNER_EMAIL, name="Franca Galli", password=PASSWORD,
        grants=(Grant(role=Role.PARTNER, organisation_id=town.id),),
    )  # fmt: skip
    _agree(anna, district, town, school_year=school_year, today=today)
    _steer(anna, district, town, today=today)
    _pay_and_check(anna, district, town, school_year=school_year, today=today)
    _signal(district, today=today, rng=rng)


def _town(anna: Actor) -> Organisation:
    place = db.session.scalars(select(Municipality).where(Municipality.name == "Cremona")).one()
    plan = network.OrganisationPlan(
        name="Comune capoluogo (demo)", kind=OrganisationKind.MUNICIPALITY, municipality_id=place.id,
        email="comune@example.org",
    )  # fmt: skip
    return network.save_organisation(anna, None, plan)


def _agree(anna: Actor, district: District, town: Organisation, *, school_year: int, today: date) -> None:
    office, health = (
        district.providers[kind] for kind in (OrganisationKind.EDUCATION_OFFICE, OrganisationKind.HEALTH_AUTHORITY)
    )
    for title, kind, parties, years in (
        ("Protocollo d'intesa per la prevenzione nelle scuole", AgreementKind.PROTOCOL, {office, health, town}, 3),
        ("Convenzione per gli operatori", AgreementKind.CONVENTION, {office, *district.providers.values()}, 1),
    ):
        agreement = network.save_agreement(
            anna,
            None,
            network.AgreementPlan(
                title=title,
                kind=kind,
                party_ids=frozenset(each.id for each in parties),
                signed_on=date(school_year, 7, 15),
                starts_on=date(school_year, 9, 1),
                ends_on=date(school_year + years, 8, 31),
            ),
        )
        network.attach(anna, agreement, _document(f"{title[:20]}.pdf"))
    for subject, act, partner, version, starts_on in (
        ("Rilevazione tra gli studenti", ActKind.IMPACT_ASSESSMENT, None, 1, date(school_year - 1, 9, 1)),
        ("Rilevazione tra gli studenti", ActKind.IMPACT_ASSESSMENT, None, 2, date(school_year, 9, 1)),
        ("Rilevazione tra gli studenti", ActKind.JOINT_CONTROLLERS, health, 1, date(school_year - 1, 9, 1)),
        ("Informativa per le famiglie", ActKind.INFORMATION, None, 3, date(school_year, 9, 1)),
    ):
        plan = network.ActPlan(
            kind=act, title=subject, version=version, starts_on=starts_on, controller_id=office.id,
            partner_id=partner.id if partner else None,
        )  # fmt: skip
        network.add_act(anna, plan, _document("atto.pdf"))


def _steer(anna: Actor, district: District, town: Organisation, *, today: date) -> None:
    seats = frozenset(each.id for each in (town, *district.providers.values()))
    plan = network.MeetingPlan(
        held_on=today - timedelta(days=40), place="Sala riunioni", agenda="Avvio dell'anno e copertura.", seat_ids=seats
    )
    meeting = network.save_meeting(anna, None, plan)
    network.set_minutes(anna, meeting, _document("verbale.pdf"))
    health = district.providers[OrganisationKind.HEALTH_AUTHORITY]
    for words, owner, days in (
        ("Raggiungere quest'anno le scuole mai raggiunte.", health, 60),
        ("Mettere a disposizione il trasporto per le sedi lontane.", town, -5),
    ):
        network.decide(anna, meeting, words=words, owner_id=owner.id, due_on=today + timedelta(days=days))


def _pay_and_check(anna: Actor, district: District, town: Organisation, *, school_year: int, today: date) -> None:
    health = district.providers[OrganisationKind.HEALTH_AUTHORITY]
    known = programmes.programmes()
    chosen = known[0]
    by_slug = {one.slug: one for one in known}
    skills, unplugged = by_slug["lifeskills-training-1"], by_slug["unplugged"]
    for payer, programme, euros, purpose in (
        (town, chosen, 4_000, "Materiali e trasporto"),
        (health, chosen, 12_500, "Formazione degli insegnanti"),
        (health, skills, 9_800, "Formazione degli insegnanti"),
        (health, unplugged, 7_200, "Formazione e manuali"),
        (town, unplugged, 1_500, "Quaderni degli studenti"),
        (health, None, 6_000, "Coordinamento"),
    ):
        for year in (school_year - 1, school_year):
            plan = quality.FundingPlan(
                school_year=year, payer_id=payer.id, programme_id=programme.id if programme else None,
                amount_cents=euros * 100, purpose=purpose,
            )  # fmt: skip
            quality.add_funding(anna, plan)
    quality.add_part(anna, chosen, organisation_id=town.id, part=Part.HOSTS)
    quality.add_part(anna, chosen, organisation_id=health.id, part=Part.TRAINS)
    for programme, stage, state, done, gap in (
        (chosen, Stage.NEEDS, StageState.DONE, "Rilevazione tra gli studenti e incontro con i referenti.", ""),
        (chosen, Stage.RESOURCES, StageState.PARTLY, "Ore degli operatori contate per ente.",
         "Manca il conto delle aule."),
        (chosen, Stage.DELIVERY, StageState.PARTLY, "Registro di ogni incontro.",
         "Registri in ritardo da alcune scuole."),
        (skills, Stage.NEEDS, StageState.DONE, "Rilevazione tra gli studenti.", ""),
        (skills, Stage.STAFF, StageState.DONE, "Formazione di tre giornate per ogni insegnante.", ""),
        (skills, Stage.EVALUATION, StageState.OPEN, "", "Manca un confronto con classi in attesa."),
        (unplugged, Stage.DESIGN, StageState.DONE, "Manuale europeo, dodici unità.", ""),
        (unplugged, Stage.EVALUATION, StageState.PARTLY, "Questionario prima e dopo nelle classi prime.",
         "Nessuna classe di confronto."),
    ):  # fmt: skip
        written = quality.StagePlan(state=state, done=done, gap=gap, owner_id=health.id)
        document = _document("prova.pdf") if state is StageState.DONE and programme is chosen else None
        quality.save_stage(anna, programme, stage, written, document=document, today=today)


def _signal(district: District, *, today: date, rng: Random) -> None:
    """Let schools signal now and then since autumn, and five of them the same matter within the last two weeks."""
    institutes = list(
        db.session.scalars(
            select(Institute)
            .where(
                Institute.id.in_({site.institute_id for site in district.sites}), Institute.municipality_id.is_not(None)
            )
            .order_by(Institute.code)
        )
    )
    for weeks_ago in range(3, 60):
        week = monday_of(today) - WEEK * weeks_ago
        if rng.random() < 0.35 and week.month not in SUMMER:
            kind = rng.choice([SignalKind.SMOKING, SignalKind.ALCOHOL, SignalKind.GAMBLING])
            _put(rng.choice(institutes), kind, week, district)
    for number, institute in enumerate(institutes[:9]):
        _put(institute, SignalKind.NEW_PRODUCT, monday_of(today) - WEEK * (1 + number % 2), district)
    _put(institutes[0], SignalKind.SMOKING, monday_of(today), district, status=SignalStatus.WAITING)
    db.session.flush()
    early_signals.raise_alerts(now=clock.now(), today=today)


def _put(
    institute: Institute,
    kind: SignalKind,
    week: date,
    district: District,
    *,
    status: SignalStatus = SignalStatus.ACCEPTED,
) -> None:
    moment = datetime.combine(week, time(12), tzinfo=clock.ROME)
    is_waiting = status is SignalStatus.WAITING
    db.session.add(
        EarlySignal(
            id=uuid.uuid4(),
            institute_id=institute.id,
            municipality_id=institute.municipality_id,
            kind=kind,
            week=week,
            words=WORDS[kind],
            status=status,
            message="",
            sent_by=district.people.coordinator.id,
            sent_at=moment,
            decided_by=None if is_waiting else district.people.office.id,
            decided_at=None if is_waiting else moment,
        )
    )


def _document(name: str) -> Document:
    # The intake would write it anew, which takes a program of its own each time.
    stored = files.store(io.BytesIO(PDF), max_bytes=len(PDF), shelf=DOCUMENT_SHELF)
    kept = Kept(stored=stored, media_type="application/pdf", file_name=name)
    return network.add_document(kept, now=clock.now())
