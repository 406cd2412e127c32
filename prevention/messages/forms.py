"""The forms of this room: the text of a letter, and a corrected address."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Length

from prevention.core.forms import Form
from prevention.messages.kinds import Text

SUBJECT_MOST = 200
BODY_MOST = 8_000


class TextForm(Form):
    """The subject and the body of one kind of letter in one language."""

    subject = StringField(_l("Subject"), [InputRequired(), Length(max=SUBJECT_MOST)])
    body = TextAreaField(_l("Text"), [InputRequired(), Length(max=BODY_MOST)])
    revision = HiddenField()

    def text(self) -> Text:
        """Give what was written, with line ends as we keep them."""
        return Text(subject=self.subject.data or "", body=(self.body.data or "").replace("\r\n", "\n"))

    def seen_revision(self) -> int:
        """Give the revision that the person saw; 0 when it is none."""
        given = self.revision.data or ""
        return int(given) if given.isdecimal() and len(given) < 9 else 0


class AddressForm(Form):
    """Where mail shall go instead."""

    address = EmailField(
        _l("New address"),
        [InputRequired(), Length(max=254), Email(_l("This is not a mail address."))],
    )
