"""Pages of the schools room: the register, the files it comes from, classes, calendar, bell times and rooms."""

from prevention.schools.views import calendar, classes, files, history, places, register
from prevention.schools.views.blueprint import bp

__all__ = ["bp", "calendar", "classes", "files", "history", "places", "register"]
