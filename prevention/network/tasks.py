"""What the clock does for the network: asks owners of help services, reminds of decisions, sweeps documents."""

from datetime import time, timedelta

from prevention.core import clock, daily, files
from prevention.core.db import unit_of_work
from prevention.network import service
from prevention.network.governance_models import DOCUMENT_SHELF

TASK = "network"
AT = time(7)
# No request lasts a day; a file without a row that is older has been left behind.
LEFT_BEHIND = timedelta(days=1)


def write_letters() -> bool:
    """Ask owners and remind of decisions, once a day; never says that there is more."""
    with unit_of_work():
        now = clock.now()
        if daily.claim(TASK, now=now, at=AT) is not None:
            service.ask_owners(today=clock.day_of(now))
            service.remind_of_decisions(today=clock.day_of(now))
    return False


def sweep_documents() -> bool:
    """Take away documents whose request failed after they were stored; never says that there is more."""
    files.sweep(DOCUMENT_SHELF, in_use=service.documents_in_use, before=clock.now() - LEFT_BEHIND)
    return False
