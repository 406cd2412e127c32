"""Surveys: questionnaires, waves, codes, and the anonymous answering of pupils.

Owns: the questionnaire as data (`questionnaire.py`, `rules.py`), waves and what may be done when (`wave_rules.py`),
codes on slips (`codes.py`), the anonymous side (`answering.py`, pages under ``/s/``), the ballot box and its mixing
(`service/ballot_box.py`, `tasks.py`), class reports, made-up answers for demonstrations (`simulation.py`).

Is not: results. Raw answers leave this room one way, to `indicators`, when a wave is closed
(`service.records_for_sealing`), and are erased then. While a wave is open staff see one thing per class: fewer than
ten answers, or ten and more.

Why it is built like this:

- *There is no identified mode*, so nothing can be switched or inherited wrongly. No table that touches an answer has
  a date, a time, a serial number, an address or a person; a test reads the real schema of both databases.
- *A code meets a ballot in one transaction and in no row.* The code becomes "spent"; the ballot gets a random key, is
  mixed with at least nine others in random order and gets another. The language of the form is not kept: in a class
  with one pupil who chose it, it would be a name.
- *Codes are in no address.* The QR holds ``/s/#CODE``; a fragment is never sent, so no log can have it.
- *Routing is a condition on each item*, not a jump: it can be checked for loops and dead ends without running it,
  reads the same in Python and in the page's script, and is what XLSForm and LimeSurvey call relevance.

What it does not defend against is said to pupils on ``/s/privacy`` and to operators here: who can read the database
while a wave is open sees fewer than ten unmixed ballots, in the order of the file on PostgreSQL; deleted rows live on
for a while in PostgreSQL's dead tuples and write-ahead log, in SQLite's until the next checkpoint, and in back-ups.
"""
