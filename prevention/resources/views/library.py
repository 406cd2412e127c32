"""Pages that everybody reads: the library with its search, one resource, its files."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wsgi import wrap_file

from prevention.core import access, clock, files
from prevention.core.access import NotYours
from prevention.programmes.wording import EVIDENCE, TOPICS
from prevention.resources import harvest, rules, search, service, wording
from prevention.resources.models import SHELF, Resource
from prevention.resources.rules import Status, Step
from prevention.resources.search import facets
from prevention.resources.views.blueprint import bp
from prevention.roles import Role

CARDS_PER_PAGE = 18
TEXT_LENGTH_MAX = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One value of a facet as a link: its words, how many answer, whether it is chosen, and where the link leads."""

    words: object
    count: int
    is_chosen: bool
    address: str


@bp.get("/")
@access.public
def library() -> ResponseReturnValue:
    """Show what answers the reader's search and facets."""
    programmes = service.programme_choices()
    wanted = _wanted(programmes)
    page = request.args.get("page", "1")
    cards = service.library(
        wanted,
        page=int(page) if page.isdecimal() and len(page) < 6 else 0,
        per_page=CARDS_PER_PAGE,
        today=clock.today(),
    )
    return render_template(
        "resources/library.html",
        cards=cards,
        wanted=wanted,
        wanted_anything=wanted != search.Wanted(),
        groups=_groups(wanted, cards.found, programmes),
        chips=_chips(wanted, programmes),
        outdated_address=_address(with_outdated=None if wanted.with_outdated else "1", page=None),
        sort_address=_address(sort=None if wanted.newest_first else "newest", page=None),
        page_address=lambda number: _address(page=str(number)),
        today=clock.today(),
        words=wording,
    )


@bp.get("/<uuid:resource_id>")
@access.public
def resource(resource_id: uuid.UUID) -> ResponseReturnValue:
    """Show one resource with its files, its review, and what may be done with it."""
    found = service.resource_for(access.actor(), resource_id)
    return resource_page(found)


def resource_page(found: Resource, *, form: object | None = None, refused: str | None = None) -> ResponseReturnValue:
    """Render the page of a resource; with a refusal it answers 422."""
    actor = access.actor()
    today = clock.today()
    care = found.care
    is_reviewer = actor is not None and bool(actor.roles & service.REVIEWERS)
    base: str = current_app.config["SETTINGS"].base_url
    sees_files = care.status is not Status.RETIRED or service.may_work_on(actor, found)
    page = render_template(
        "resources/resource.html",
        resource=found,
        care=care,
        is_outdated=rules.is_outdated(care.status, care.review_by, today=today),
        may_work_on=service.may_work_on(actor, found),
        may_change=service.may_change(actor, found),
        steps=[step for step in Step if service.may_take(actor, found, step)],
        own_work=actor is not None and care.status is Status.WAITING and service.wrote(actor, found),
        versions=[file for file in found.files if file.is_released or is_reviewer or service.may_work_on(actor, found)],
        newest=found.newest_file if sees_files else None,
        sees_files=sees_files,
        may_release=is_reviewer,
        related=service.related(found, today=today) if care.status is Status.PUBLISHED else [],
        topics=[TOPICS[topic] for topic in found.topics],
        skills=[wording.SKILLS[skill] for skill in found.skills],
        access_words=[wording.ACCESS[feature] for feature in found.access],
        evidence=EVIDENCE[care.evidence_class] if care.evidence_class else None,
        usual_review_day=rules.usual_review_day(found.kind, today=today),
        evidence_choices=[("", _("Nothing stated")), *EVIDENCE.items()],
        refused=refused,
        tally=service.tally(found),
        kits=service.kits(actor) if actor is not None and actor.has(Role.OFFICE) else [],
        described=harvest.learning_resource(found, base=base) if care.status is Status.PUBLISHED else None,
        is_dead=care.link_failures >= service.FAILURES_UNTIL_DEAD,
        words=wording,
    )
    return page, 422 if refused else 200


@bp.get("/<uuid:resource_id>/files/<int:version>")
@access.public
def download(resource_id: uuid.UUID, version: int) -> ResponseReturnValue:
    """Hand out one version of a file: to be saved, never shown or run."""
    actor = access.actor()
    found = service.resource_for(actor, resource_id)
    file = service.file_of(actor, found, version)
    try:
        stream = files.open_stored(file.relative_path, shelf=SHELF)
    except FileNotFoundError as error:
        raise NotYours from error
    response = Response(wrap_file(request.environ, stream), mimetype=file.media_type, direct_passthrough=True)
    response.content_length = file.size
    response.last_modified = file.uploaded_at
    response.set_etag(file.sha256)
    response.make_conditional(request.environ, accept_ranges=True, complete_length=file.size)
    response.headers.update(files.attachment_headers(file.file_name))
    if not (found.care.status is Status.PUBLISHED and file.is_released):
        response.headers["Cache-Control"] = "private, no-store"
    return response


def _wanted(programmes: list[service.ProgrammeChoice]) -> search.Wanted:
    by_slug = {choice.slug: choice.id for choice in programmes}
    given = {
        name: [value for value in request.args.getlist(name) if value in facets.VALUES[name]] for name in facets.FACETS
    }
    programme = request.args.get("programme", "")
    return search.Wanted(
        text=" ".join(request.args.get("text", "")[:TEXT_LENGTH_MAX].split()),
        chosen={name: tuple(dict.fromkeys(values)) for name, values in given.items() if values},
        programme_id=by_slug.get(programme),
        with_outdated=request.args.get("with_outdated") == "1",
        newest_first=request.args.get("sort") == "newest",
    )


def _words_of(facet: str) -> Mapping[str, object]:
    words: dict[str, Mapping[str, object]] = {
        "kind": wording.KINDS,
        "grade": wording.grade_choices(),
        "language": wording.LANGUAGES,
        "topic": TOPICS,
        "skill": wording.SKILLS,
        "length": wording.LENGTHS,
        "evidence": EVIDENCE,
        "open": {"open": _("Open licence (Creative Commons)")},
        "access": {"any": _("With aids for accessibility")},
    }
    return words[facet]


def _groups(
    wanted: search.Wanted, found: search.Found, programmes: list[service.ProgrammeChoice]
) -> list[tuple[str, str, list[Choice]]]:
    """Give each facet with its heading and the values that would lead somewhere, or are chosen."""
    headings = {
        "grade": _("Grade"), "kind": _("Kind"), "topic": _("Topic"), "length": _("Length"), "skill": _("Life skill"),
        "language": _("Language"), "evidence": _("Effect"), "open": _("Licence"), "access": _("Accessibility"),
    }  # fmt: skip
    groups = []
    for name, heading in headings.items():
        chosen = wanted.chosen.get(name, ())
        rows = [
            Choice(
                words=words,
                count=found.counts[name].get(value, 0),
                is_chosen=value in chosen,
                address=_toggled(name, value, chosen),
            )
            for value, words in _words_of(name).items()
        ]
        rows = [row for row in rows if row.count or row.is_chosen]
        if rows:
            groups.append((name, heading, rows))
    named = [
        Choice(
            words=choice.name.text(),
            count=found.programmes.get(choice.id, 0),
            is_chosen=choice.id == wanted.programme_id,
            address=_address(programme=None if choice.id == wanted.programme_id else choice.slug, page=None),
        )
        for choice in programmes
    ]
    named = [row for row in named if row.count or row.is_chosen]
    if named:
        groups.insert(2, ("programme", _("Programme"), named))
    return groups


def _chips(wanted: search.Wanted, programmes: list[service.ProgrammeChoice]) -> list[tuple[object, str]]:
    """Give what is chosen, each with the address that takes it away."""
    chips: list[tuple[object, str]] = [
        (_words_of(name)[value], _toggled(name, value, values))
        for name, values in wanted.chosen.items()
        for value in values
    ]
    chips.extend(
        (choice.name.text(), _address(programme=None, page=None))
        for choice in programmes
        if choice.id == wanted.programme_id
    )
    return chips


def _toggled(name: str, value: str, chosen: tuple[str, ...] | object) -> str:
    left = [one for one in request.args.getlist(name) if one != value and one in facets.VALUES[name]]
    if value not in request.args.getlist(name):
        left.append(value)
    return _address(page=None, **{name: left})


def _address(**changed: str | list[str] | None) -> str:
    known = ("text", "programme", "with_outdated", "sort", *facets.FACETS)
    values: dict[str, str | list[str] | None] = {
        name: request.args.getlist(name) for name in known if request.args.getlist(name)
    }
    values |= changed
    chosen: dict[str, Any] = {name: value for name, value in values.items() if value}
    return url_for("resources.library", **chosen)
