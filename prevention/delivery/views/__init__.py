"""Pages of what happened: registers, also without a connection, coverage of a year, and what goes on over years."""

from prevention.delivery.views import continuity, coverage, observing, registers
from prevention.delivery.views.blueprint import bp

__all__ = ["bp", "continuity", "coverage", "observing", "registers"]
