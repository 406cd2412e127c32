"""The library for other machines: schema.org LearningResource in the AMB profile, an Atom feed, a CSV file.

AMB is the "Allgemeines Metadatenprofil für Bildungsressourcen" of DINI-AG-KIM (https://w3id.org/kim/amb, version
20231019, read 2026-11-27): LRMI and schema.org in JSON-LD, with the vocabularies HCRT for kinds and the levels of ISCED
for education. Its `about` is for subjects of its own lists alone, so topics are keywords; life skills are what a
material `teaches`. Words of vocabularies are given in every language of the site, whoever asks.
"""

import csv
import io
import xml.etree.ElementTree as ET  # written only, never read
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from flask_babel import gettext as _

from prevention.core.i18n import LANGUAGES, in_language
from prevention.programmes.wording import TOPICS
from prevention.resources import wording
from prevention.resources.models import Resource
from prevention.resources.rules import COLUMNS, Licence, Moment, ResourceKind
from prevention.schools.rules import Level

CONTEXT: tuple[object, ...] = ("https://w3id.org/kim/amb/context.jsonld", {"@language": "it"})

# HCRT, the "Hochschulcampus Resource Types" that AMB prescribes (https://w3id.org/kim/hcrt/scheme).
_HCRT = "https://w3id.org/kim/hcrt/"
_KINDS = {
    ResourceKind.LESSON_PLAN: "lesson_plan",
    ResourceKind.ACTIVITY: "worksheet",
    ResourceKind.SLIDES: "slide",
    ResourceKind.VIDEO: "video",
    ResourceKind.LETTER: "text",
    ResourceKind.POSTER: "image",
    ResourceKind.MANUAL: "text",
    ResourceKind.OTHER: "other",
}
# ISCED 2011: lower secondary is level 2, upper secondary level 3.
_LEVELS = {
    Level.PRIMO_GRADO: "https://w3id.org/kim/educationalLevel/level_2",
    Level.SECONDO_GRADO: "https://w3id.org/kim/educationalLevel/level_3",
}
_ATOM = "http://www.w3.org/2005/Atom"


def learning_resource(resource: Resource, *, base: str) -> dict[str, Any]:
    """Describe a published resource; reads its care, grades, files and programme.

    Args:
        base: public address of the site, without a slash at its end.
    """
    address = f"{base}/resources/{resource.id}"
    levels = {row.level for row in resource.grades} or set(_LEVELS)
    care = resource.care
    described: dict[str, Any] = {
        "@context": list(CONTEXT),
        "id": address,
        "type": ["LearningResource"],
        "name": resource.title,
        "description": resource.abstract,
        "inLanguage": [resource.language.value, *resource.other_languages],
        "learningResourceType": [{"id": _HCRT + _KINDS[resource.kind], "prefLabel": _label("kind", resource.kind)}],
        "keywords": [words for topic in resource.topics for words in _label("topic", topic).values()],
        "teaches": [
            {"id": f"{base}/resources/?skill={skill}", "prefLabel": _label("skill", skill)} for skill in resource.skills
        ],
        "educationalLevel": [{"id": _LEVELS[level]} for level in _LEVELS if level in levels],
        "audience": [{"id": "http://purl.org/dcx/lrmi-vocabs/educationalAudienceRole/teacher"}],
        "isAccessibleForFree": True,
        "conditionsOfAccess": {"id": "http://w3id.org/kim/conditionsOfAccess/no_login"},
        "mainEntityOfPage": [{"id": address, "provider": {"type": "Service", "name": _("Prevention at school")}}],
        "accessibilityFeature": list(resource.access),
        "dateCreated": resource.created_at.date().isoformat(),
    }
    if resource.authors:
        described["creator"] = [{"type": "Person", "name": name.strip()} for name in resource.authors.split(",")]
    if resource.licence is not Licence.RESERVED:
        described["license"] = {"id": wording.LICENCE_ADDRESSES[resource.licence]}
    if resource.minutes:
        # How long a film runs is its duration; how long a lesson takes is LRMI's time required.
        described["duration" if resource.kind is ResourceKind.VIDEO else "timeRequired"] = f"PT{resource.minutes}M"
    if care.published_at:
        described["datePublished"] = care.published_at.date().isoformat()
    if resource.source_link:
        described["isBasedOn"] = [{"id": resource.source_link, "name": resource.source_link}]
    described["encoding"] = _encodings(resource, address)
    return {name: value for name, value in described.items() if value not in ([], "", None)}


def _encodings(resource: Resource, address: str) -> list[dict[str, Any]]:
    file = resource.newest_file
    found: list[dict[str, Any]] = []
    if file is not None:
        found.append(
            {
                "type": "MediaObject",
                "contentUrl": f"{address}/files/{file.version}",
                "encodingFormat": file.media_type,
                "contentSize": str(file.size),
                "sha256": file.sha256,
            }
        )
    if resource.link:
        found.append({"type": "MediaObject", "contentUrl": resource.link})
    return found


@cache
def _label(vocabulary: str, value: str) -> dict[str, str]:
    """Give a value's words in every language; kept, for a catalogue asks for the same ones thousands of times."""
    words: dict[str, Mapping[str, object]] = {"kind": wording.KINDS, "topic": TOPICS, "skill": wording.SKILLS}
    found = {}
    for language in LANGUAGES:
        with in_language(language):
            found[language] = str(words[vocabulary][value])
    return found


def atom_feed(resources: Sequence[Resource], *, base: str, now: datetime) -> bytes:
    """Write the newest resources as an Atom feed (RFC 4287), newest first."""
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed")
    newest = max((one.care.published_at for one in resources if one.care.published_at), default=now)
    _add(feed, "id", f"{base}/resources/")
    _add(feed, "title", _("Materials for prevention at school"))
    _add(feed, "updated", newest.isoformat())
    _add(feed, "link", rel="self", href=f"{base}/resources/feed.atom", type="application/atom+xml")
    _add(feed, "link", rel="alternate", href=f"{base}/resources/", type="text/html")
    for resource in resources:
        entry = ET.SubElement(feed, f"{{{_ATOM}}}entry")
        published = resource.care.published_at or resource.created_at
        _add(entry, "id", f"urn:uuid:{resource.id}")
        _add(entry, "title", _printable(resource.title))
        _add(entry, "published", published.isoformat())
        _add(entry, "updated", max(published, resource.care.changed_at).isoformat())
        _add(entry, "link", rel="alternate", href=f"{base}/resources/{resource.id}", type="text/html")
        _add(entry, "summary", _printable(resource.abstract))
        author = ET.SubElement(entry, f"{{{_ATOM}}}author")
        _add(author, "name", _printable(resource.authors or _("not stated")))
        if resource.licence is not Licence.RESERVED:
            _add(entry, "link", rel="license", href=wording.LICENCE_ADDRESSES[resource.licence])
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True))


def _add(parent: ET.Element, name: str, words: str | None = None, **attributes: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes).text = words


def _printable(text: str) -> str:
    """Leave out what XML cannot hold (XML 1.0, section 2.2)."""
    return "".join(char for char in text if char in "\t\n\r" or (char >= " " and char not in "\ufffe\uffff"))


def catalogue_csv(resources: Iterable[Resource], *, base: str) -> str:
    """Write resources as a table with the columns that the import reads; UTF-8 with a mark, for spreadsheets.

    What has no link of its own has that of its page here, where its file is: another library can point at it.
    """
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for resource in resources:
        writer.writerow([_harmless(value) for value in _row(resource, base)])
    return "\ufeff" + written.getvalue()


def _row(resource: Resource, base: str) -> list[str]:
    return [
        resource.title, resource.abstract, resource.kind.value, resource.language.value,
        " ".join(resource.other_languages), resource.licence.value, resource.authors,
        resource.link or f"{base}/resources/{resource.id}",
        resource.source_link, str(resource.minutes or ""),
        " ".join(f"{row.level.value}-{row.grade}" for row in resource.grades), " ".join(resource.topics),
        " ".join(resource.skills), " ".join(resource.access), resource.programme.slug if resource.programme else "",
        *_use_of(resource),
    ]  # fmt: skip


def _use_of(resource: Resource) -> tuple[str, str]:
    """Give the meeting's number and the moment; a table has room for the first of them."""
    for use in sorted(resource.uses, key=lambda one: (one.meeting.number, list(Moment).index(one.moment))):
        if use.meeting.programme_id == resource.programme_id:
            return str(use.meeting.number), use.moment.value
    return "", ""


def _harmless(value: str) -> str:
    """Keep a spreadsheet from taking words for a formula (OWASP, CSV Injection, read 2026-11-27)."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
