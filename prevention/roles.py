"""The names of the roles, and nothing else.

Every room marks its doors with these names (`core.access.roles`), also the rooms below `accounts`, which is why
they stand here and not there. Who holds a role, and where, is a row in `accounts`.
"""

from enum import StrEnum


class Role(StrEnum):
    """What a person who signs in does in the district."""

    OFFICE = "office"
    COORDINATOR = "coordinator"
    FACILITATOR = "facilitator"
    # Works for an organisation of the network: a municipality, the health authority; sees what concerns it.
    PARTNER = "partner"
    # Works with records of sealed waves for a purpose that is written down; sees no school.
    ANALYST = "analyst"
