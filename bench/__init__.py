"""Measurements beside bare versions of the same work, in the same run: ``python -m bench``."""
