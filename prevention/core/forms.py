"""The ground of every form: CSRF protection, the reader's language, words that people type.

A form is the shape of ONE submission. Choices are handed in by the view.
"""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field


def stripped(value: Any) -> Any:
    """Take the white space off both ends of typed text; leave anything else alone."""
    return value.strip() if isinstance(value, str) else value


class Form(FlaskForm):
    """A form whose text fields are stripped before they are checked."""

    class Meta(FlaskForm.Meta):
        """WTForms settings shared by all forms."""

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            """Add the `stripped` filter to fields that know filters."""
            filters = unbound_field.kwargs.get("filters", ())
            if "FileField" not in unbound_field.field_class.__name__ and "FieldList" not in str(
                unbound_field.field_class
            ):
                filters = (stripped, *filters)
            return unbound_field.bind(form=form, filters=filters, **options)

    def errors_by_field(self) -> list[tuple[Field, str]]:
        """List each refused field with its first reason, in the order of the form; for the summary at the top."""
        return [(field, str(field.errors[0])) for field in self if field.errors]
