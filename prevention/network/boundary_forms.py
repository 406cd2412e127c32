"""The form that hands a file of boundaries in."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField
from wtforms.validators import Length

from prevention.core.forms import Form
from prevention.network.boundaries.reading import LONGEST_LICENCE, LONGEST_SOURCE


class BoundariesForm(Form):
    """A GeoJSON file, and where it comes from unless it says so itself."""

    file = FileField(_l("File"), [FileRequired(_l("Choose a file."))])
    source = StringField(_l("Source"), [Length(max=LONGEST_SOURCE)])
    licence = StringField(_l("Licence"), [Length(max=LONGEST_LICENCE)])
