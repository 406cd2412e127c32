"""The shapes of what the office submits while it writes a questionnaire."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from prevention.core.forms import Form, choices
from prevention.core.languages import OFFERED_LANGUAGES
from prevention.surveys.drafting import LONGEST_CODE, ItemEntry, ItemType
from prevention.surveys.faults import RESERVED_ITEM_CODES
from prevention.surveys.rules import Form as QuestionnaireForm

ANY, ALL = "any", "all"

TYPES: Mapping[str, object] = {
    ItemType.SINGLE: _l("One answer of several"),
    ItemType.MULTIPLE: _l("Several answers of several"),
    ItemType.NUMBER: _l("A number from a range"),
    ItemType.OCCASIONS: _l("On how many occasions (0 to 40 and more)"),
    ItemType.AGE: _l("Age at first use"),
    ItemType.AGREE: _l("Agreement, in five steps"),
    ItemType.ZERO_TO_TEN: _l("0 to 10"),
}
FORMS = {
    QuestionnaireForm.JUNIOR.value: _l("Junior (first grade, 11-13)"),
    QuestionnaireForm.SENIOR.value: _l("Senior (second grade, 14-19)"),
}

Alternatives = list[dict[str, list[str]]]


class DraftForm(Form):
    """A questionnaire to begin."""

    title_it = StringField(_l("Title in Italian"), [InputRequired(), Length(max=120)])
    title_en = StringField(_l("Title in English"), [InputRequired(), Length(max=120)])
    code = StringField(
        _l("Code"),
        [
            InputRequired(),
            Length(max=LONGEST_CODE),
            Regexp(r"^[a-z][a-z0-9-]*$", message=_l("Small letters, digits and dashes, beginning with a letter.")),
        ],
    )
    based_on = SelectField(_l("Begin with"))

    def offer(self, questionnaires: Mapping[str, str]) -> None:
        """Hand in the questionnaires to copy from: code to title."""
        self.based_on.choices = choices({"": _l("an empty questionnaire"), **questionnaires})

    def title(self) -> dict[str, str]:
        """Give the title by language."""
        return {"it": self.title_it.data or "", "en": self.title_en.data or ""}


class ImportForm(Form):
    """A file of another tool to take in as a draft."""

    file = FileField(_l("File"), [FileRequired(_l("Choose a file."))])
    language = SelectField(
        _l("Language of texts for which the file names none"),
        choices=choices({code: language.own_name for code, language in OFFERED_LANGUAGES.items()}),
        default="it",
    )
    is_lenient = BooleanField(_l("Take in what can be read of a form that breaks the standard"))


class RevisionForm(Form):
    """A step on a draft as it was shown; somebody else's change in between refuses it."""

    revision = IntegerField(_l("Revision"), [InputRequired()])


class MoveForm(RevisionForm):
    """An item to move by one place."""

    direction = SelectField(_l("Direction"), [InputRequired()], choices=choices({"up": _l("up"), "down": _l("down")}))

    @property
    def by(self) -> int:
        """How many places, down being positive."""
        return -1 if self.direction.data == "up" else 1


class SectionForm(RevisionForm):
    """A section to add."""

    section_it = StringField(_l("Title in Italian"), [InputRequired(), Length(max=120)])
    section_en = StringField(_l("Title in English"), [InputRequired(), Length(max=120)])


class BankForm(RevisionForm):
    """An item of the bank to add."""

    item = StringField(_l("Item"), [InputRequired(), Length(max=40)])
    section = SelectField(_l("Section"), [InputRequired()])


class ItemForm(Form):
    """One item: texts in the two languages of the site, answers, forms, source."""

    revision = HiddenField()
    code = StringField(
        _l("Code"),
        [
            InputRequired(),
            Length(max=30),
            Regexp(r"^[A-Za-z][A-Za-z0-9_]*$", message=_l("Letters, digits and underscores, beginning with a letter.")),
        ],
    )
    section = SelectField(_l("Section"), [InputRequired()])
    type = SelectField(_l("Type"), [InputRequired()], choices=choices(TYPES))
    forms = SelectMultipleField(
        _l("Forms"), [InputRequired(_l("Choose at least one form."))], choices=choices(FORMS), default=list(FORMS)
    )
    text_it = TextAreaField(_l("Question in Italian"), [InputRequired(), Length(max=500)])
    text_en = TextAreaField(_l("Question in English"), [Optional(), Length(max=500)])
    junior_it = TextAreaField(_l("Junior wording in Italian"), [Optional(), Length(max=500)])
    junior_en = TextAreaField(_l("Junior wording in English"), [Optional(), Length(max=500)])
    hint_it = StringField(_l("Hint in Italian"), [Optional(), Length(max=300)])
    hint_en = StringField(_l("Hint in English"), [Optional(), Length(max=300)])
    options = TextAreaField(_l("Answers"), [Optional(), Length(max=8000)])
    minimum = IntegerField(_l("Least number"), [Optional(), NumberRange(-10_000, 10_000)])
    maximum = IntegerField(_l("Greatest number"), [Optional(), NumberRange(-10_000, 10_000)])
    source = StringField(_l("Source"), [Optional(), Length(max=80)], default="own")

    def offer(self, sections: Mapping[str, str]) -> None:
        """Hand in the sections: code to title."""
        self.section.choices = choices(sections)

    def validate_code(self, field: StringField) -> None:
        """Refuse a code that the pupils' form needs for itself."""
        if (field.data or "").lower() in RESERVED_ITEM_CODES:
            raise ValidationError(_l("This code is taken by the form itself; choose another one."))

    def show(self, item: Mapping[str, Any], item_type: ItemType, options: str) -> None:
        """Fill the form with an item."""
        self.code.data, self.section.data, self.type.data = item["code"], item["section"], item_type.value
        self.forms.data, self.options.data = list(item["forms"]), options
        self.minimum.data, self.maximum.data = item.get("minimum"), item.get("maximum")
        self.source.data = item.get("source", "")
        for field, key in (("text", "text"), ("junior", "text_junior"), ("hint", "hint")):
            for language in ("it", "en"):
                self[f"{field}_{language}"].data = item.get(key, {}).get(language, "")

    def entry(self) -> ItemEntry:
        """Give what was entered; call it after the form was found valid."""
        texts = {
            name: {language: (self[f"{name}_{language}"].data or "") for language in ("it", "en")}
            for name in ("text", "junior", "hint")
        }
        return ItemEntry(
            code=self.code.data or "",
            section=self.section.data,
            type=ItemType(self.type.data),
            forms=[QuestionnaireForm(form) for form in self.forms.data or ()],
            text=texts["text"],
            text_junior=texts["junior"],
            hint=texts["hint"],
            options=self.options.data or "",
            minimum=self.minimum.data or 0,
            maximum=self.maximum.data or 0,
            source=self.source.data or "own",
        )


class RoutingForm(Form):
    """When an item is asked: the earlier answers that call for it, and those that spare it."""

    revision = HiddenField()
    asked_how = RadioField(
        _l("How they are joined"),
        choices=choices({ANY: _l("one of these questions is enough"), ALL: _l("all of these questions")}),
        default=ANY,
    )
    asked = SelectMultipleField(_l("Ask only if one of these was answered"), validate_choice=False)
    skipped_how = RadioField(
        _l("How they are joined"),
        choices=choices({ANY: _l("one of these questions is enough"), ALL: _l("all of these questions")}),
        default=ANY,
    )
    skipped = SelectMultipleField(_l("Leave out if one of these was answered"), validate_choice=False)

    def show(self, item: Mapping[str, Any]) -> None:
        """Fill the form with an item's conditions, as far as this form can say them (see `is_sayable`)."""
        for name, key in (("asked", "asked_if"), ("skipped", "skipped_if")):
            alternatives = item.get(key, [])
            self[f"{name}_how"].data = ALL if any(len(one) > 1 for one in alternatives) else ANY
            self[name].data = [
                f"{code}={value}" for one in alternatives for code, values in one.items() for value in values
            ]

    def alternatives(self, name: str, known: Mapping[str, Sequence[str]]) -> Alternatives:
        """Give the conditions that were ticked; what is no answer of an earlier question is left out."""
        by_item: dict[str, list[str]] = {}
        for ticked in self[name].data or ():
            code, _equals, value = ticked.partition("=")
            if value in known.get(code, ()):
                by_item.setdefault(code, []).append(value)
        if not by_item:
            return []
        return [by_item] if self[f"{name}_how"].data == ALL else [{code: values} for code, values in by_item.items()]


class InstrumentForm(Form):
    """The licensed text of an instrument, and under which licence it may be used."""

    file = FileField(_l("File"), [FileRequired(_l("Choose a file."))])
    licence = StringField(_l("Licence or permission, with its date"), [InputRequired(), Length(max=300)])


def is_sayable(item: Mapping[str, Any]) -> bool:
    """Say whether the routing form can show an item's conditions without changing them."""
    return all(_is_plain(item.get(key, [])) for key in ("asked_if", "skipped_if"))


def _is_plain(alternatives: Alternatives) -> bool:
    """Say whether conditions are one conjunction, or single conditions on different items."""
    if len(alternatives) <= 1:
        return True
    named = [code for one in alternatives for code in one]
    return len(named) == len(alternatives) == len(set(named))
