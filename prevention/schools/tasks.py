"""What the clock does for schools."""

from prevention.core import clock
from prevention.core.db import unit_of_work
from prevention.schools import service


def forget_old_uploads() -> bool:
    """Forget the files of the ministry that nobody confirmed in a day; say whether there were any."""
    with unit_of_work():
        return service.forget_old_uploads(now=clock.now()) > 0
