"""Pages of what happened: registers, also without a connection, and the coverage of a school year."""

from prevention.delivery.views import coverage, registers
from prevention.delivery.views.blueprint import bp

__all__ = ["bp", "coverage", "registers"]
