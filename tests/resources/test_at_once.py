"""Two who add a version of the same material at the same moment."""

import io
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.resources import service
from prevention.resources.intake import Upload, keep
from prevention.resources.models import Resource
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.resources import make_resource
from tests.resources import samples

AT_ONCE = 4


def test_versions_added_at_once_get_numbers_of_their_own(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        resource_id, user_id = make_resource(with_file=False).id, make_user("Anna", Role.OFFICE).id
    start = Barrier(AT_ONCE)

    def add(number: int) -> int:
        with live_app.app_context():
            actor = actor_of(db.session.get_one(User, user_id))
            db.session.rollback()
            page = samples.PDF.replace(b"612", str(600 + number).encode())
            kept = keep(Upload(stream=io.BytesIO(page), file_name="lezione.pdf"), max_bytes=10_000)
            start.wait()
            with unit_of_work():
                resource = service.editable_for(actor, resource_id)
                return service.add_version(actor, resource, kept, now=clock.now()).version

    with ThreadPoolExecutor(AT_ONCE) as pool:
        versions = sorted(pool.map(add, range(AT_ONCE)))

    assert [1, 2, 3, 4] == versions
    assert {1, 2, 3, 4} == kept_versions(live_app, resource_id)


def kept_versions(app: Flask, resource_id: uuid.UUID) -> set[int]:
    """Give the numbers of the versions that were committed."""
    with app.app_context():
        resource = db.session.get_one(Resource, resource_id)
        db.session.refresh(resource, ["files"])
        return {file.version for file in resource.files}
