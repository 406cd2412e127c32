"""Pages of the network, one file per matter; importing this package puts them on the blueprint."""

from prevention.network.views import agreements, areas, boundaries, help_pages, mine, organisations, table
from prevention.network.views.blueprint import bp

__all__ = ["agreements", "areas", "boundaries", "bp", "help_pages", "mine", "organisations", "table"]
