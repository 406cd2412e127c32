"""The shapes of what is said of codes that ended, and of classes that go on."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import BooleanField, SelectField, StringField, ValidationError
from wtforms.validators import Length, Optional

from prevention.core.forms import Form, choices
from prevention.schools.forward_rules import ClassBefore
from prevention.schools.rules import sections_as_written
from prevention.schools.succession import Proposal, Trace

CLOSED = "closed"
LATER = ""


class SuccessionForm(Form):
    """For each code that ended: the code that goes on, closed without one, or a decision for later."""

    codes: ClassVar[tuple[str, ...]] = ()
    lets_follow = BooleanField(
        _l("Coordinators of a dissolved institute also get access to the institute that goes on"), default=True
    )

    def decided(self) -> dict[str, str | None]:
        """Give what was decided: old code to new code, None for closed; what is left for later is missing."""
        answers = {code: self[code].data for code in self.codes}
        return {code: None if new == CLOSED else new for code, new in answers.items() if new != LATER}


def succession_form(proposals: Sequence[Proposal]) -> SuccessionForm:
    """Make the form for these codes, filled with what is proposed."""
    fields = {each.gone.code: _successor_field(each) for each in proposals}
    names = {"codes": tuple(fields), **fields}
    form_class = type("SuccessionFormOfDay", (SuccessionForm,), names)
    form: SuccessionForm = form_class(data={each.gone.code: each.new.code if each.new else LATER for each in proposals})
    return form


def _successor_field(proposal: Proposal) -> SelectField:
    others = {trace.code: trace_words(trace) for trace in proposal.candidates}
    options: dict[str, Any] = {LATER: _l("Decide later"), **others, CLOSED: _l("Closed, no other code")}
    return SelectField(
        _("What goes on in place of %(code)s", code=proposal.gone.code), [Optional()], choices=choices(options)
    )


def trace_words(trace: Trace) -> str:
    """Write a code with what is known of it, in one line."""
    pupils = ngettext("%(num)s pupil", "%(num)s pupils", trace.pupils) if trace.pupils is not None else None
    return " · ".join(filter(None, (trace.code, trace.name, trace.municipality, pupils)))


class ForwardForm(Form):
    """What a site's classes became: for each the sections of the next grade, and the sections of the lowest grade."""

    class_ids: ClassVar[tuple[uuid.UUID, ...]] = ()
    first = StringField(_l("First classes: their sections"), [Length(max=200)])

    def validate_first(self, field: StringField) -> None:
        """Refuse what cannot be a section."""
        _check_sections(field)

    def answers(self) -> dict[uuid.UUID, tuple[str, ...]]:
        """Give class to the sections it becomes; none when it ends."""
        return {class_id: sections_as_written(self[str(class_id)].data or "") or () for class_id in self.class_ids}

    def first_sections(self) -> tuple[str, ...]:
        """Give the sections of the lowest grade."""
        return sections_as_written(self.first.data or "") or ()


def forward_form(
    before: Sequence[ClassBefore], *, proposed: Mapping[uuid.UUID, Sequence[str]], first: Sequence[str]
) -> ForwardForm:
    """Make the form for these classes, filled with what is proposed or was said before."""
    fields = {
        str(each.id): StringField(
            _("%(label)s: sections of grade %(grade)s", label=each.label, grade=each.grade + 1),
            [Length(max=200), _check_sections_of],
        )
        for each in before
    }
    names = {"class_ids": tuple(each.id for each in before), **fields}
    form_class = type("ForwardFormOfSite", (ForwardForm,), names)
    shown = {str(class_id): ", ".join(sections) for class_id, sections in proposed.items()}
    form: ForwardForm = form_class(data={**shown, "first": ", ".join(first)})
    return form


def _check_sections_of(_form: Form, field: StringField) -> None:
    _check_sections(field)


def _check_sections(field: StringField) -> None:
    if field.data and sections_as_written(field.data) is None:
        raise ValidationError(_("Write sections such as A, B or A LSA, with commas between them."))
