"""The names of municipalities as one pattern, so that a place in a text is not taken for a person. Pure."""

import csv
import re
from functools import cache
from importlib.resources import files

from prevention.network.provinces import PROVINCES


@cache
def place_names() -> re.Pattern[str]:
    """Give a pattern that finds names of the municipalities that come with this package, and of provinces."""
    text = files("prevention.network").joinpath("data/cremona_municipalities.csv").read_text(encoding="utf-8")
    places = {row["comune"] for row in csv.DictReader(text.splitlines())} | {province.name for province in PROVINCES}
    # The longest first: "San Giovanni in Croce" before a shorter name that begins like it.
    return re.compile(r"\b(?:" + "|".join(re.escape(place) for place in sorted(places, key=len, reverse=True)) + r")\b")
