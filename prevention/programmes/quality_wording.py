"""The words of stages, parts, states and money."""

from collections.abc import Mapping
from decimal import Decimal

from babel.numbers import format_currency
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from prevention.programmes import quality_rules as rules
from prevention.programmes.quality_rules import Part, QualityRefusal, Stage, StageState

STAGES: Mapping[Stage, LazyString] = {
    Stage.NEEDS: _l("Needs assessment"),
    Stage.RESOURCES: _l("Resource assessment"),
    Stage.FORMULATION: _l("Programme formulation"),
    Stage.DESIGN: _l("Intervention design"),
    Stage.MANAGEMENT: _l("Management and mobilisation of resources"),
    Stage.DELIVERY: _l("Delivery and monitoring"),
    Stage.EVALUATION: _l("Final evaluations"),
    Stage.DISSEMINATION: _l("Dissemination and improvement"),
    Stage.SUSTAINABILITY: _l("Sustainability and funding"),
    Stage.COMMUNICATION: _l("Communication and stakeholder involvement"),
    Stage.STAFF: _l("Staff development"),
    Stage.ETHICS: _l("Ethics"),
}
STATES: Mapping[StageState, LazyString] = {
    StageState.OPEN: _l("Not begun"),
    StageState.PARTLY: _l("Partly"),
    StageState.DONE: _l("Worked out"),
}
STATE_TONES: Mapping[StageState, str] = {
    StageState.OPEN: "neutral",
    StageState.PARTLY: "warning",
    StageState.DONE: "success",
}
PARTS: Mapping[Part, LazyString] = {
    Part.COORDINATES: _l("coordinates it"),
    Part.TRAINS: _l("trains those who deliver it"),
    Part.DELIVERS: _l("delivers it"),
    Part.HOSTS: _l("gives rooms or transport"),
    Part.SUPPORTS: _l("takes on those who need help"),
    Part.EVALUATES: _l("evaluates it"),
}


def money(cents: int | None) -> str:
    """Write an amount in euros; a dash for None."""
    return "–" if cents is None else format_currency(Decimal(cents) / 100, "EUR", locale=get_locale())


def refusal_words(refusal: QualityRefusal) -> str:
    """Say why the rules said no."""
    return str(_SENTENCES[type(refusal)])


_SENTENCES: Mapping[type[QualityRefusal], LazyString] = {
    rules.PartTaken: _l("The organisation has this part already."),
    rules.OwnEvaluation: _l("Who delivers a programme does not evaluate it: choose another organisation."),
    rules.GapMissing: _l("Say what is still missing."),
    rules.EvidenceMissing: _l("Say what was done."),
}
