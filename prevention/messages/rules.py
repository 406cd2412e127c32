"""When to try again, and when to give up."""

from datetime import timedelta

# 1, 2, 4 … minutes, at most 4 hours between two tries; about a day in all.
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=4)
MOST_ATTEMPTS = 14

# A message taken by a process that died is free again after this long.
LEASE = timedelta(minutes=5)


def wait_after(attempts: int) -> timedelta | None:
    """Give how long to wait after `attempts` failed tries (1 or more); None means give up."""
    if attempts >= MOST_ATTEMPTS:
        return None
    doublings: int = 2 ** (attempts - 1)
    return min(FIRST_WAIT * doublings, LONGEST_WAIT)
