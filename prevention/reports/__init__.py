"""The yearly impact report: figures frozen first, then every paper of the year made from them.

What this room owns: `YearFigures`, the charts, the report's words and looks, and the life of one run (asked for,
claimed by the jobs process, built, kept). What it is not: it counts nothing itself. Activity comes from `delivery`,
survey results from `indicators` as tables that have passed disclosure control; raw answers cannot be reached from here
(an import contract says so).

Choices, with their reason:

* Figures are values without a row or a session in them, kept with the run: the same figures give the same bytes, and
  a number that stands in two papers cannot differ.
* A run is claimed by a conditional UPDATE and leased. Two processes never build the same run; one whose process died
  is taken up again when the lease ends; after `MOST_ATTEMPTS` it is given up and says so.
* Progress is written in short transactions of its own while the slow work holds none, so that a run of minutes never
  blocks a writer.
* Missing data is said in words where the number would stand. A zero means that somebody counted and found none.
"""
