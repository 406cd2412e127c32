"""Several at the same moment: versions of one material, one spreadsheet confirmed twice, two copies of it."""

import io
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.core.intake import Upload, keep
from prevention.resources import service
from prevention.resources.models import SHELF, Resource, ResourceImport
from prevention.resources.service import SheetRow
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
            kept = keep(Upload(stream=io.BytesIO(page), file_name="lezione.pdf"), max_bytes=10_000, shelf=SHELF)
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


@pytest.mark.parametrize("copies", [1, 2], ids=["one preview", "two copies"])
def test_a_spreadsheet_confirmed_by_several_at_once_is_added_once(live_app: Flask, copies: int) -> None:
    rows = [
        SheetRow(
            number=number + 2,
            values={
                "title": f"Lezione {number}", "abstract": "Una lezione.", "kind": "lesson_plan", "language": "it",
                "licence": "cc_by", "link": f"https://example.org/{number}",
            },
        )
        for number in range(20)
    ]  # fmt: skip
    with live_app.app_context(), unit_of_work():
        user = make_user("Anna", Role.OFFICE)
        actor, mark = actor_of(user), user.fs_uniquifier
        places = [
            f"/resources/import/{service.hand_sheet_in(actor, rows, file_name='a.csv', now=clock.now()).id}"
            for _copy in range(copies)
        ]
    start = Barrier(AT_ONCE)

    def confirm(number: int) -> int:
        client = live_app.test_client()
        with client.session_transaction() as session:
            session.update({"_user_id": mark, "_fresh": True, "fs_cc": "set", "fs_paa": 0.0, "identity": None})
        start.wait()
        return client.post(places[number % copies]).status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = sorted(pool.map(confirm, range(AT_ONCE)))

    assert [303] * copies + [404] * (AT_ONCE - copies) == statuses
    with live_app.app_context():
        assert 20 == db.session.scalar(select(func.count()).select_from(Resource))
        assert 0 == db.session.scalar(select(func.count()).select_from(ResourceImport))
        db.session.remove()
