"""What the clock does for the library."""

from datetime import timedelta

from prevention.core import clock, files
from prevention.resources import service
from prevention.resources.models import SHELF

# No request lasts a day; a file without a row that is older has been left behind.
LEFT_BEHIND = timedelta(days=1)


def sweep_files() -> bool:
    """Take away files whose request failed after they were stored; never says that there is more."""
    files.sweep(SHELF, in_use=service.digests_in_use, before=clock.now() - LEFT_BEHIND)
    return False
