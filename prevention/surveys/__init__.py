"""Surveys: questionnaires, waves, codes, and the anonymous answering of pupils.

Owns: the questionnaire as data (`questionnaire.py`, `rules.py`), waves and what may be done when (`wave_rules.py`),
drafts, the item bank and licensed instruments (`drafting.py`, `instruments.py`), codes on slips (`codes.py`), the
anonymous side (`answering.py`, pages under ``/s/``), the ballot box and its mixing
(`service/ballot_box.py`, `tasks.py`), the plain case in one statement (`service/short_way.py`,
`service/short_credentials.py`), class reports, made-up answers for demonstrations (`simulation.py`).

Is not: results. Raw answers leave this room one way, to `indicators`, when a wave is closed
(`service.records_for_sealing`), and are erased then. While a wave is open staff see one thing per class: fewer than
ten answers, or ten and more.

Why it is built like this:

- *There is no identified mode*, so nothing can be switched or inherited wrongly. No table that touches an answer has
  a date, a time, a serial number, an address or a person; a test reads the real schema of both databases.
- *A code buys a credential, a credential carries the ballot* (`blind.py`, `service/credentials.py`). The browser has a
  number signed blindly when the pupil begins and hands the ballot in under it at the end: even who records every
  message on the server cannot compute which code is behind a ballot. One key per class, because the ballot needs the
  class's cluster mark and nothing finer. The code is spent at a question drawn by chance from the first third, and
  that on purpose. At the end it would be followed by its ballot within a second, which joins them; at the beginning a
  telephone that dies at the third question would have used its slip. So all codes of a class are spent before its
  quickest pupil hands in, in an order that is nobody's, and of pupils whose page is lost at question n of 89 only n in
  30 need another slip; later ones all do, hence five spare ones. A slip that could be used again without that would
  need something on the server or the device that joins it to what it bought.
- *Without a script a code meets a ballot in one transaction and in no row.* The code becomes "spent"; the ballot gets a
  random key, is mixed with at least nine others in random order and gets another. The language of the form is not kept:
  in a class with one pupil who chose it, it would be a name.
- *Codes are in no address.* The QR holds ``/s/#CODE``; a fragment is never sent, so no log can have it.
- *Routing is a condition on each item*, not a jump: it can be checked for loops and dead ends without running it,
  reads the same in Python and in the page's script, and is what XLSForm and LimeSurvey call relevance.
- *A questionnaire is one frozen JSON definition*, whole in itself; a draft is the same shape with faults allowed. A
  translation lies beside it and is merged for showing only, so that adding a language changes no wording and breaks no
  trend (`units.py`). Which words of the pupils' pages want translating is read from the pages
  (`core.wordsets`).
- *A before and after is unlinked unless asked for.* Personal codes are joined by uniqueness, not by the best overall
  assignment: on made-up panels with 18 % of codes wrong in each wave, 92 to 94 % of true links were found and at most
  0.2 % of links were false (`sgic.py`, `tests/surveys/test_sgic.py`); an assignment would join twins at random.
- *What other tools say is said the same or reported*, never approximated in silence (`exchange/`).

What it does not defend against is said to pupils on ``/s/privacy`` and to operators here and in docs/operations.md §5:
who can read the database while a wave is open sees fewer than ten unmixed ballots, in the order of the file on
PostgreSQL; deleted rows live on in PostgreSQL's write-ahead log and in back-ups; who watches connections sees which
device sends when. `flask surveys prove-anonymity` tries all the rest (`adversary.py`).
"""
