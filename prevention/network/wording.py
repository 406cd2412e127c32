"""The words for what is wrong with a table of municipalities or with boundaries, and for kinds of help services."""

from collections.abc import Mapping
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from prevention.core.csv_wording import REASONS
from prevention.core.web import Refusal, number
from prevention.network.areas import AreaFault, AreaSpelledOtherwise
from prevention.network.boundaries.reading import BoundariesRefused, BoundaryFault
from prevention.network.municipalities import MunicipalityFault
from prevention.network.rules import HelpServiceKind
from prevention.network.service import BoundaryReport

MUNICIPALITY_REASONS: Mapping[StrEnum, LazyString] = {
    **REASONS,
    MunicipalityFault.WRONG_ISTAT_CODE: _l("“%(value)s” is not an ISTAT code of six digits"),
    MunicipalityFault.WRONG_CADASTRAL_CODE: _l("“%(value)s” is not a cadastral code such as D150"),
    MunicipalityFault.DUPLICATE_CODE: _l("%(value)s already stands in row %(expected)s"),
    MunicipalityFault.CODE_TAKEN: _l("%(value)s already belongs to the municipality %(expected)s"),
    MunicipalityFault.WRONG_NAME: _l("the name is missing or too long"),
    MunicipalityFault.UNKNOWN_PROVINCE: _l("“%(value)s” belongs to no province that is known here"),
    MunicipalityFault.WRONG_POPULATION: _l("“%(value)s” is not a number of residents"),
}

AREA_REASONS: Mapping[StrEnum, LazyString] = {
    **REASONS,
    AreaFault.WRONG_ISTAT_CODE: _l("“%(value)s” is not an ISTAT code of six digits"),
    AreaFault.UNKNOWN_MUNICIPALITY: _l("no municipality with the ISTAT code %(value)s is loaded"),
    AreaFault.OTHER_NAME: _l("this code is that of %(expected)s, not of %(value)s; has a row slipped?"),
    AreaFault.DUPLICATE_CODE: _l("%(value)s already stands in row %(expected)s"),
    AreaFault.WRONG_AREA: _l("the name of an area begins with a letter and has %(expected)s characters at most"),
    AreaFault.TWO_SPELLINGS: _l("the area is written in two ways: “%(value)s” and “%(expected)s”"),
    AreaFault.WRONG_EMAIL: _l("“%(value)s” is not a mail address"),
}


def area_refused_in_words(refusal: Refusal) -> str:
    """Say why the name of an area is refused."""
    if isinstance(refusal, AreaSpelledOtherwise):
        return _("This area is there already, written “%(name)s”.", name=refusal.expected)
    return _("The name of an area begins with a letter.")


HELP_KIND_WORDS: Mapping[HelpServiceKind, LazyString] = {
    HelpServiceKind.EMERGENCY: _l("In danger, now"),
    HelpServiceKind.LISTENING: _l("To talk to someone"),
    HelpServiceKind.ADDICTION: _l("Alcohol, smoking, drugs, gambling"),
    HelpServiceKind.HEALTH: _l("Health and family"),
    HelpServiceKind.VIOLENCE: _l("Violence and stalking"),
}

BOUNDARY_REASONS: Mapping[BoundaryFault, LazyString] = {
    BoundaryFault.EMPTY: _l("the file is empty"),
    BoundaryFault.TOO_BIG: _l("the file is longer than %(expected)s"),
    BoundaryFault.PACKED: _l("this is a packed file, perhaps a shapefile; export it as GeoJSON in degrees (EPSG:4326)"),
    BoundaryFault.HTML: _l("this is a web page saved under another name; download the file itself"),
    BoundaryFault.NOT_UTF8: _l("the text is not UTF-8 (found %(value)s); save the file as UTF-8"),
    BoundaryFault.NOT_JSON: _l("this is not JSON, or it was not downloaded to its end (line and column %(value)s)"),
    BoundaryFault.TOPOLOGY: _l("this is TopoJSON; take the GeoJSON of the same boundaries"),
    BoundaryFault.NOT_A_COLLECTION: _l("this is JSON, but not a GeoJSON collection of features"),
    BoundaryFault.OTHER_REFERENCE: _l(
        "the file says that its coordinates are in %(value)s; export it in degrees (EPSG:4326)"
    ),
    BoundaryFault.NO_FEATURES: _l("the file holds no features"),
    BoundaryFault.LONG_SOURCE: _l("the source may have %(value)s characters at most, the licence %(expected)s"),
    BoundaryFault.NO_MUNICIPALITIES: _l("no municipality is loaded yet; load the table of municipalities first"),
    BoundaryFault.NO_CODE: _l("no property holds the ISTAT code of a municipality that is loaded here (%(value)s)"),
    BoundaryFault.WRONG_CODE: _l("“%(value)s” in %(expected)s is not an ISTAT code of six digits"),
    BoundaryFault.UNKNOWN_MUNICIPALITY: _l(
        "no municipality with the ISTAT code %(value)s is loaded; it may have merged, or the table is older"
    ),
    BoundaryFault.DOUBLED: _l("%(value)s is already feature %(expected)s"),
    BoundaryFault.NOT_A_POLYGON: _l("the geometry is %(value)s, not a polygon"),
    BoundaryFault.BROKEN_COORDINATES: _l("the coordinates are not lists of pairs of numbers"),
    BoundaryFault.OPEN_RING: _l("a border of %(value)s points does not end where it begins"),
    BoundaryFault.BROKEN_RING: _l("the border crosses itself (%(value)s)"),
    BoundaryFault.METRES: _l("%(value)s is not in degrees; export the file in EPSG:4326"),
    BoundaryFault.SWAPPED: _l("%(value)s lies in Italy only the other way round: longitude comes first"),
    BoundaryFault.OUT_OF_ITALY: _l("%(value)s does not lie in Italy"),
    BoundaryFault.OVERLAP: _l("it covers land of %(value)s (feature %(expected)s)"),
}


def boundaries_refused_in_words(refusal: BoundariesRefused) -> str:
    """Say in one sentence which file is refused, at which feature, and why."""
    values = {"value": refusal.value[:200], "expected": refusal.expected}
    reason = str(BOUNDARY_REASONS[refusal.fault]) % values
    if refusal.feature is None:
        return f"{refusal.file_name}: {reason}."
    place = _("%(file)s, feature %(number)s", file=refusal.file_name, number=refusal.feature)
    return f"{place} ({refusal.name}): {reason}." if refusal.name else f"{place}: {reason}."


def boundary_report_in_words(report: BoundaryReport) -> tuple[str, ...]:
    """Say what a file of boundaries did, one sentence each."""
    said = [
        ngettext(
            "%(num)d municipality has its boundary now, found by “%(key)s”; %(points)s of %(before)s points are kept.",
            "%(num)d municipalities have their boundaries now, found by “%(key)s”; %(points)s of %(before)s points are "
            "kept.",
            report.municipalities,
            key=report.code_property,
            points=number(report.points),
            before=number(report.points_before),
        )
    ]
    if report.left_out:
        said.append(
            ngettext(
                "%(num)d feature of another province was left out.",
                "%(num)d features of other provinces were left out.",
                report.left_out,
            )
        )
    if report.missing:
        said.append(_("Without a boundary: %(names)s.", names=", ".join(report.missing)))
    if not report.has_source:
        said.append(
            _(
                "Neither the file nor you said both its source and its licence, so that a map can only name the file. "
                "Take it in again with both."
            )
        )
    return tuple(said)
