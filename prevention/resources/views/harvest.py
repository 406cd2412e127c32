"""The library for other machines: JSON-LD of one resource and of all, a feed, a table."""

import json
import uuid

from flask import Response, current_app
from flask.typing import ResponseReturnValue

from prevention.core import access, clock
from prevention.core.access import NotYours
from prevention.resources import harvest, service
from prevention.resources.rules import Status
from prevention.resources.views.blueprint import bp

FEED_ENTRIES = 50


@bp.get("/<uuid:resource_id>.jsonld")
@access.public
def resource_jsonld(resource_id: uuid.UUID) -> ResponseReturnValue:
    """Describe one published resource for machines."""
    found = service.resource_for(None, resource_id)
    if found.care.status is not Status.PUBLISHED:
        raise NotYours
    return _json(harvest.learning_resource(found, base=base()))


@bp.get("/catalogue.jsonld")
@access.public
def catalogue_jsonld() -> ResponseReturnValue:
    """Describe everything that is published and current."""
    described = [
        {name: value for name, value in harvest.learning_resource(one, base=base()).items() if name != "@context"}
        for one in service.published(today=clock.today())
    ]
    return _json({"@context": list(harvest.CONTEXT), "@graph": described})


@bp.get("/catalogue.csv")
@access.public
def catalogue_csv() -> ResponseReturnValue:
    """Give everything that is published and current as a table, in the form that the import reads."""
    response = Response(harvest.catalogue_csv(service.published(today=clock.today()), base=base()), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="materiali.csv"'
    return response


@bp.get("/feed.atom")
@access.public
def feed() -> ResponseReturnValue:
    """Give the newest as a feed."""
    newest = service.published(today=clock.today(), most=FEED_ENTRIES)
    return Response(harvest.atom_feed(newest, base=base(), now=clock.now()), mimetype="application/atom+xml")


def base() -> str:
    """Give the public address of the site."""
    address: str = current_app.config["SETTINGS"].base_url
    return address


def _json(value: object) -> Response:
    return Response(json.dumps(value, ensure_ascii=False), mimetype="application/ld+json")
