"""The blueprint that all pages of the library share, and the formats that their templates use."""

from flask import Blueprint

from prevention.core.intake import wording as intake_wording
from prevention.resources import wording
from prevention.resources.models import Resource

bp = Blueprint("resources", __name__, url_prefix="/resources")
bp.add_app_template_filter(intake_wording.size_words, "size_words")
bp.add_app_template_filter(intake_wording.file_kind_words, "file_kind_words")


@bp.app_template_filter("resource_grades")
def resource_grades(resource: Resource) -> str:
    """Write the grades a resource is for; reads its `grades`."""
    return wording.grades_words([(row.level.value, row.grade) for row in resource.grades])
