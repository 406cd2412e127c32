"""Pages of the schools room: the register, the files it comes from, and the classes of each school."""

from prevention.schools.views import classes, files, register
from prevention.schools.views.blueprint import bp

__all__ = ["bp", "classes", "files", "register"]
