"""Pages of reports: quick reports and editions for the office, what is published for everybody."""

from prevention.reports.views import editions, mayors, public, runs  # they hang their pages on the blueprint
from prevention.reports.views.blueprint import bp

__all__ = ["bp", "editions", "mayors", "public", "runs"]
