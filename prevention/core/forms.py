"""The ground of every form: CSRF protection, the reader's language, words that people type.

A form is the shape of ONE submission. Choices are handed in by the view.
"""

from collections.abc import Mapping, MutableMapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, FieldList, FileField, FormField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs


def choices(words_by_value: Mapping[Any, object], *, group: str | None = None) -> list[Any]:
    """Give the choices of a select or radio field: value to words, in order; lazy words are read when shown.

    Lists of several groups are joined; a select shows them under their headings.
    """
    return [SelectChoice(value, words, optgroup=group) for value, words in words_by_value.items()]


def stripped(value: Any) -> Any:
    """Take the white space off both ends of typed text; leave anything else alone."""
    return value.strip() if isinstance(value, str) else value


class Form(FlaskForm):
    """A form whose text fields are stripped before they are checked."""

    class Meta(FlaskForm.Meta):
        """WTForms settings shared by all forms."""

        def bind_field(self, form: Any, unbound_field: Any, options: MutableMapping[str, Any]) -> Any:
            """Add the `stripped` filter to fields that know filters."""
            filters = unbound_field.kwargs.get("filters", ())
            if not issubclass(unbound_field.field_class, (FieldList, FileField, FormField)):
                filters = (stripped, *filters)
            return unbound_field.bind(form=form, filters=filters, **options)

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """Say whether the form was sent and nothing in it is refused."""
        return bool(super().validate_on_submit(extra_validators))

    def errors_by_field(self) -> list[tuple[Field, str]]:
        """List each refused field with its first reason, in the order of the form; for the summary at the top."""
        return [(field, str(field.errors[0])) for field in self if field.errors]
