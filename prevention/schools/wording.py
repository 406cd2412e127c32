"""The words of the schools room: levels, tracks, kinds of files, and what can be wrong with a file."""

from collections.abc import Mapping
from enum import StrEnum

from flask.sansio.app import App
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from prevention.core.csv_reading import FileRefused
from prevention.core.csv_wording import REASONS, refusal_in_words
from prevention.schools.ministry_files import FileKind, RegisterFault
from prevention.schools.models import Site
from prevention.schools.rules import Level, Track, school_year_label

LEVEL_WORDS: Mapping[Level, LazyString] = {
    Level.INFANZIA: _l("Nursery school"),
    Level.PRIMARIA: _l("Primary school"),
    Level.PRIMO_GRADO: _l("Lower secondary school"),
    Level.SECONDO_GRADO: _l("Upper secondary school"),
    Level.ISTITUTO: _l("Head office"),
    Level.ADULTI: _l("Adult education"),
}

TRACK_WORDS: Mapping[Track, LazyString] = {
    Track.LICEO: _l("Liceo"),
    Track.TECNICO: _l("Technical"),
    Track.PROFESSIONALE: _l("Vocational"),
}

KIND_WORDS: Mapping[FileKind, LazyString] = {
    FileKind.STATE: _l("register of state schools"),
    FileKind.NON_STATE: _l("register of non-state schools"),
    FileKind.ENROLMENTS: _l("pupils per school"),
}

FIELD_WORDS: Mapping[str, LazyString] = {
    "name": _l("Name"),
    "institute": _l("Institute"),
    "address": _l("Address"),
    "postcode": _l("Postcode"),
    "municipality": _l("Municipality"),
    "level": _l("Level"),
    "type_description": _l("Type"),
    "email": _l("E-mail"),
    "website": _l("Website"),
}

REGISTER_REASONS: Mapping[StrEnum, LazyString] = {
    **REASONS,
    RegisterFault.UNKNOWN_LAYOUT: _l("the columns are not those of a file of the ministry about schools"),
    RegisterFault.OTHER_KIND: _l("this is the file “%(value)s”; “%(expected)s” was expected"),
    RegisterFault.WRONG_CODE: _l("“%(value)s” is not a code of the ministry"),
    RegisterFault.DUPLICATE_CODE: _l("%(value)s already stands in row %(expected)s"),
    RegisterFault.WRONG_YEAR: _l("“%(value)s” is not a school year such as 202526"),
    RegisterFault.OTHER_YEAR: _l("the row is of school year %(value)s, those before it of %(expected)s"),
    RegisterFault.MISSING_VALUE: _l("the value is missing"),
    RegisterFault.UNKNOWN_TYPE: _l(
        "“%(value)s” is a type of school that is not known here, so its level cannot be told"
    ),
    RegisterFault.ROW_OF_OTHER_KIND: _l("a row of type “%(value)s” does not belong into the file “%(expected)s”"),
    RegisterFault.WRONG_NUMBER: _l("“%(value)s” is neither a number of pupils nor <=3"),
    RegisterFault.UNKNOWN_MUNICIPALITY: _l(
        "no municipality with the cadastral code %(value)s is known here; load the municipalities of this province "
        "first"
    ),
    RegisterFault.UNKNOWN_PROVINCE: _l("“%(value)s” is not a province"),
    RegisterFault.ABSENT_PROVINCE: _l("the file has no school in the province %(value)s"),
    RegisterFault.NO_KNOWN_SCHOOL: _l("no school of this file is in the register; take the register in first"),
}


def init_app(app: App) -> None:
    """Give templates the words: filters for levels, tracks, kinds of files and columns."""
    app.jinja_env.filters.update(
        school_level_words=lambda level: LEVEL_WORDS[level],
        school_track_words=lambda track: TRACK_WORDS[track],
        register_kind_words=lambda kind: KIND_WORDS[FileKind(kind)],
        register_field_words=lambda name: FIELD_WORDS[name],
        school_year=school_year_label,
    )


def site_in_words(site: Site) -> str:
    """Name a site so that two of one institute can be told apart; reads its municipality."""
    kind = TRACK_WORDS[site.track] if site.track is not None else LEVEL_WORDS[site.level]
    return f"{site.display_name}, {kind} ({site.municipality.name})"


def file_refusal_in_words(refusal: FileRefused) -> str:
    """Say in one sentence which file of the ministry is refused, where, and why."""
    known_kinds = {str(kind): str(words) for kind, words in KIND_WORDS.items()}
    if refusal.fault in (RegisterFault.OTHER_KIND, RegisterFault.ROW_OF_OTHER_KIND):
        refusal = FileRefused(
            refusal.fault,
            file_name=refusal.file_name,
            row=refusal.row,
            column=refusal.column,
            value=known_kinds.get(refusal.value or "", refusal.value),
            expected=known_kinds.get(refusal.expected or "", refusal.expected),
        )
    return refusal_in_words(refusal, reasons=REGISTER_REASONS)
