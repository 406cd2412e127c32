"""What the clock does for the library."""

from datetime import timedelta

from flask import current_app

from prevention.config import Settings
from prevention.core import clock, files, parts
from prevention.core.db import unit_of_work
from prevention.resources import links, service
from prevention.resources.models import SHELF

# No request lasts a day; a file without a row that is older has been left behind.
LEFT_BEHIND = timedelta(days=1)
# A piece is sent and kept within minutes.
PIECE_LEFT_BEHIND = timedelta(hours=1)


def check_next_link() -> bool:
    """Ask one link whether it still answers, outside of any transaction; say whether one was due."""
    with unit_of_work():
        claimed = service.claim_link(now=clock.now())
    if claimed is None:
        return False
    resource_id, link = claimed
    settings: Settings = current_app.config["SETTINGS"]
    trouble = links.check(link, allows_private=settings.fetches_private)
    with unit_of_work():
        service.note_link(resource_id, link, trouble.value if trouble else None)
    return True


def remind_owners() -> bool:
    """Remind one owner of a review that is due or over; say whether there was one."""
    with unit_of_work():
        return service.remind_next_owner(today=clock.today())


def forget_old_imports() -> bool:
    """Forget spreadsheets that nobody confirmed; never says that there is more."""
    with unit_of_work():
        service.forget_old_imports(now=clock.now())
    return False


def sweep_files() -> bool:
    """Take away files whose request failed after they were stored; never says that there is more."""
    files.sweep(SHELF, in_use=service.digests_in_use, before=clock.now() - LEFT_BEHIND)
    return False


def forget_old_uploads() -> bool:
    """Forget files that stopped on their way, and take away the parts that nobody speaks of any more.

    It never says that there is more.
    """
    with unit_of_work():
        service.forget_old_uploads(now=clock.now())
    parts.sweep(in_use=service.parts_in_use, before=clock.now() - PIECE_LEFT_BEHIND)
    return False
