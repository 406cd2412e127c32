"""One row in every table, so that migrations are tried with something in the way."""

import uuid
from datetime import time

from sqlalchemy import select

from prevention.accounts import service as accounts
from prevention.booking import service as booking
from prevention.booking.models import EditionReminder
from prevention.booking.rules import FeedKind
from prevention.core import audit, clock, daily, facts
from prevention.core.db import db
from prevention.delivery.models import RegisterChase, RegisterSubmission
from prevention.delivery.rules import Extent
from prevention.indicators.models import PanelRow, SealCorrection, SealedWave
from prevention.messages import service as messages
from prevention.messages.kinds import Text
from prevention.network import service as network
from prevention.programmes.models import EditionSchool, YearOpening
from prevention.programmes.quality_models import FundingLine, ProgrammePartner, ProgrammeStage
from prevention.programmes.quality_rules import Part, StageState
from prevention.programmes.quality_rules import Stage as QualityStage
from prevention.resources import service as resources
from prevention.resources.models import ResourceImport, ResourceUpload, ResourceUploadPiece
from prevention.resources.rules import Outcome
from prevention.roles import Role
from prevention.schools import service as schools
from prevention.schools.history_models import ClassForwarding, ClassLineage, SiteSuccession
from prevention.schools.models import RegisterImport, RegisterUpload
from prevention.schools.rules import Level
from prevention.surveys import interface
from prevention.surveys import service as surveys
from prevention.surveys.models import (
    Ballot,
    BankItem,
    ClassReport,
    CredentialKey,
    FamilyOptOut,
    InstrumentText,
    MixedAnswer,
    PairedWave,
    QuestionnaireDraft,
    SessionWave,
    SpentCredential,
    WaveAct,
    WavePair,
    WavePairSecret,
)
from prevention.surveys.wave_rules import SessionPurpose, Stage
from tests.factories.accounts import make_user
from tests.factories.booking import make_hold, make_request, make_slot, make_waiting_class
from tests.factories.delivery import make_booked_meeting, make_observation, make_register
from tests.factories.early_signals import make_alert, make_signal
from tests.factories.governance import make_act, make_agreement, make_decision, make_document, make_meeting
from tests.factories.network import make_boundary, make_municipality, make_organisation
from tests.factories.planning import make_planned_run
from tests.factories.programmes import make_edition, make_programme
from tests.factories.published import make_table, publish, shown_cell
from tests.factories.reports import make_report_edition, make_run
from tests.factories.resources import make_kit, make_resource
from tests.factories.school_time import make_bells, make_closure, make_room
from tests.factories.schools import make_enrolment, make_school_class, make_site
from tests.factories.surveys import make_class_with_codes


def add_one_row_per_table() -> None:
    """Add at least one row to each table of the application. Flushes."""
    anna = make_user("Anna", Role.OFFICE)
    audit.record(None, "thing.done", anna.id)
    facts.state_fact("fact", "value")
    booking.renew_feed(accounts.actor_of(anna), FeedKind.PERSON, anna.id, now=clock.now())
    daily.claim("task", now=clock.now(), at=time(0))
    db.session.add(EditionReminder(edition_id=make_slot().edition_id, days=3))
    messages.enqueue(key="greeting", to=anna.email, subject="Ciao", body="Ciao", language="it")
    messages.write_text(
        accounts.actor_of(anna), messages.kind_of("booked"), "it", Text(subject="Sì", body="Sì"), revision=0
    )
    network.load_help_services()
    make_boundary()
    make_municipality(planning_area="Cremasco")
    network.set_area_address(accounts.actor_of(anna), "Cremasco", "ufficio@example.org")
    network.set_travel_time(make_municipality().id, make_municipality().id, minutes=30)
    make_enrolment(site=make_site())
    _hand_register_files_in(anna.id)
    _go_on(anna.id)
    _keep_school_time()
    slot = make_slot()
    make_hold(anna, slot)
    make_waiting_class(anna, slot)
    make_request(anna)
    make_planned_run(anna)
    _register_a_meeting()
    _fill_the_library()
    _answer_a_wave()
    _write_questionnaires()
    publish(make_table(shown_cell()))
    seal = db.session.scalars(select(SealedWave)).one()
    db.session.add(SealCorrection(seal_id=seal.id, recipe={}, reason="-", asked_by=anna.id, asked_on=seal.sealed_on))
    make_run()
    make_report_edition()
    make_signal()
    make_alert()
    _run_the_network()
    db.session.flush()


def _run_the_network() -> None:
    town = make_organisation()
    make_agreement(town, documents=(make_document(),))
    make_act(controller_id=town.id, document_id=make_document().id)
    make_meeting(town, decisions=(make_decision(town),), minutes_id=make_document().id)
    programme = make_programme()
    db.session.add_all(
        [
            ProgrammePartner(programme_id=programme.id, organisation_id=town.id, part=Part.HOSTS),
            FundingLine(school_year=2026, payer_id=town.id, amount_cents=100, purpose=""),
            ProgrammeStage(
                programme_id=programme.id,
                stage=QualityStage.NEEDS,
                state=StageState.OPEN,
                done="",
                gap="",
                reviewed_on=clock.today(),
                documents=[make_document()],
            ),
        ]
    )


def _fill_the_library() -> None:
    resource = make_resource(grades=((Level.PRIMO_GRADO, 1),), meeting=make_programme().meetings[0])
    make_kit(resource)
    resources.give_feedback(None, resource, outcome=Outcome.WORKED, grade=None, comment="Bene.")
    resources.wish(None, words="Sonno", about="")
    upload = ResourceUpload(file_name="a.pdf", size=2, received=1, uploaded_by=make_user().id, touched_at=clock.now())
    upload.pieces = [ResourceUploadPiece(start=0, part=f"{uuid.uuid4().hex}/{uuid.uuid4().hex}")]
    db.session.add(upload)
    db.session.add(ResourceImport(file_name="a.xlsx", rows=[], uploaded_by=make_user().id, uploaded_at=clock.now()))


def _hand_register_files_in(person: uuid.UUID) -> None:
    counts = {"rows": 1, "added": 1, "changed": 0, "missing": 0}
    db.session.add(
        RegisterImport(
            kind="state", school_year=2026, file_name="a.csv", sha256="0" * 64, imported_at=clock.now(), **counts
        )
    )
    db.session.add(RegisterUpload(files=[], provinces=["CR"], uploaded_by=person, uploaded_at=clock.now()))


def _go_on(person: uuid.UUID) -> None:
    before, after = make_school_class(school_year=2025), make_school_class()
    db.session.add_all(
        [
            EditionSchool(edition_id=make_edition().id, site_id=after.site_id),
            YearOpening(school_year=2026, editions=[], sites=[], opened_by=person, opened_at=clock.now()),
            ClassLineage(from_class_id=before.id, to_class_id=after.id),
            ClassForwarding(
                site_id=after.site_id, school_year=2026, created=[], relinked={}, is_answered=True, made_at=clock.now()
            ),
            SiteSuccession(
                old_code="CRMM81001A",
                site=after.site,
                since=2025,
                evidence={},
                decided_by=person,
                decided_at=clock.now(),
            ),
        ]
    )


def _write_questionnaires() -> None:
    today = clock.today()
    published = surveys.publish_shipped("feedback")
    surveys.load_questionnaire_texts(None, published, "ro", {"title": "Cum a fost?"})
    interface.PAGES.load(None, "ro", {"page.0": "Trimite"})
    db.session.add(QuestionnaireDraft(code="draft", definition={}, changed_on=today))
    db.session.add(BankItem(code="B1", version=1, definition={}))
    db.session.add(InstrumentText(instrument="WHO5", texts={}, licence="CC BY-NC-SA 3.0 IGO", loaded_on=today))
    pair = WavePair(id=uuid.uuid4(), name="Before and after", is_linked=True)
    db.session.add_all([pair, WavePairSecret(pair_id=pair.id, element_key=b"k" * 32)])
    db.session.flush()
    db.session.add(PanelRow(pair_id=pair.id, school_year=2026, payload="{}", sha256="0" * 64, published_on=today))
    wave = make_class_with_codes().wave
    db.session.add(PairedWave(wave_id=wave.id, pair_id=pair.id, stage=Stage.PRE))
    db.session.add(FamilyOptOut(wave_class_id=wave.classes[0].id, families=1))
    db.session.add(WaveAct(wave_id=wave.id, act_id=make_act(title="Of a wave").id))
    db.session.add(SessionWave(wave_id=wave.id, meeting_id=make_booked_meeting().id, purpose=SessionPurpose.FEEDBACK))


def _keep_school_time() -> None:
    school_class = make_school_class()
    schools.load_year(None, 2026)
    make_closure(institute_id=school_class.site.institute_id, classes=[school_class])
    make_bells(school_class.site)
    make_slot(site=school_class.site, room=make_room(site=school_class.site))


def _register_a_meeting() -> None:
    meeting = make_booked_meeting()
    assert meeting.programme_meeting is not None
    activity = meeting.programme_meeting.activities[0]
    register = make_register(meeting, extents={activity.id: Extent.FULL})
    db.session.add(RegisterSubmission(id=uuid.uuid4(), register_id=register.id))
    db.session.add(
        RegisterChase(
            booking_meeting_id=meeting.id, meeting_starts_at=meeting.starts_at, stage=1, asked_at=meeting.ends_at
        )
    )
    make_observation(meeting)


def _answer_a_wave() -> None:
    made = make_class_with_codes()
    values = {"wave_id": made.wave.id, "cluster_mark": b"0" * 16, "answers": {}}
    db.session.add_all([Ballot(**values), MixedAnswer(**values)])
    db.session.add(CredentialKey(wave_class_id=made.wave_class.id, key_mark=b"0" * 16, private_key=b"0"))
    db.session.add(SpentCredential(credential_hash=b"0" * 32, wave_id=made.wave.id))
    db.session.add(
        ClassReport(wave_class_id=made.wave_class.id, enrolled=1, present=1, absent=0, refused=0, disturbed=False)
    )
