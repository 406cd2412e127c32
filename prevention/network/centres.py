"""Reading of the centre points of municipalities that come with this package; see `data/README.md` for their source."""

import csv
from functools import cache
from importlib.resources import files

from prevention.network.travel import Point


@cache
def shipped_centres() -> dict[str, Point]:
    """Give the centre points by ISTAT code.

    Raises:
        KeyError, ValueError: the file is not well-formed; it is ours, so that is a bug.
    """
    text = files("prevention.network").joinpath("data/cremona_centres.csv").read_text(encoding="utf-8")
    return {
        row["codice_istat"]: Point(latitude=float(row["latitudine"]), longitude=float(row["longitudine"]))
        for row in csv.DictReader(text.splitlines())
    }
