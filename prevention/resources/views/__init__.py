"""Pages of the library: finding, one resource and its files, handing in, reviewing."""

from prevention.resources.views import editing, harvest, kits, library, reviewing, sheets, uploads, voices
from prevention.resources.views.blueprint import bp

__all__ = ["bp", "editing", "harvest", "kits", "library", "reviewing", "sheets", "uploads", "voices"]
