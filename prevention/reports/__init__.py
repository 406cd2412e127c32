"""The yearly impact report: figures frozen first, then every paper of the year made from them.

What this room owns: `YearFigures`, the charts, the report's words and looks, and the life of one run (asked for,
claimed by the jobs process, built, kept). What it is not: it counts nothing itself. Activity comes from `delivery`,
survey results from `indicators` as tables that have passed disclosure control; raw answers cannot be reached from here
(an import contract says so).

Choices, with their reason:

* Figures are values without a row or a session in them, kept with the run: the same figures give the same bytes, and
  a number that stands in two papers cannot differ.
* The longer chapters (`chapters`) are frozen in a value of their own. A year that was frozen before they existed is
  read as it was: its papers leave them out, and the identifier that was signed stays the same.
* A change for the worse is named by the very rule of one for the better, and no sentence speaks of a cause: whether it
  is the survey over the years or a before and after, nobody was drawn by lot.
* A run is claimed by a conditional UPDATE and leased. Two processes never build the same run; one whose process died
  is taken up again when the lease ends; after `MOST_ATTEMPTS` it is given up and says so.
* Progress is written in short transactions of its own while the slow work holds none, so that a run of minutes never
  blocks a writer.
* The leaf for parents and the slides for pupils speak more languages as the pupils' pages do: an office exports the
  words, has them translated and approves them (`translated.py`). The words are frozen with the figures, so that a
  signed edition keeps its wording and two builds keep their bytes; a language that lacks one word is not made. Whole
  sentences are translated, never parts put together: word order differs. Reading ease is measured in Italian alone.
* A page never draws: the jobs process draws an edition's charts, the edition keeps them. Of a chart's 20 ms on a page a
  lookup remains, and a page needs no drawing library in memory.
* What is under way lies in the instance folder under a lock that dies with its process, not in the system's own folder
  for temporary files: a kill leaves school figures nowhere for long.
* A build goes into somebody's folder whole or not at all: a folder with half of the papers would look like a year.
* Letters that our fonts lack are printed as the nearest one that they have, or as a question mark (`core.pdf_letters`):
  with the machine's fonts a paper would have other bytes elsewhere. The office's texts refuse them before. More fonts
  were not added: a report in Italian or English needs none, and the languages with their own script have theirs.
* Results that are corrected between signature and publication stop both: the signature is on what was true then. The
  way out is to take it back, not to publish papers that the open data contradict.
* Missing data is said in words where the number would stand. A zero means that somebody counted and found none.
"""
