"""Permanent programmes, their meetings, their evidence, and their edition of each school year.

Owns: what is offered to classes, how many meetings of how many minutes it takes, who delivers it, and what is
known about its effect. Is not: dates and places (`booking`), nor what was really done in class (`delivery`).

Choices, with their reason:

* A programme is permanent and an *edition* is its offer in one school year. What was booked in 2025 keeps its
  programme, while this year's provider and group sizes may differ.
* A meeting or an activity is never removed once the programme has had an edition: session registers point at
  it.
* The evidence class uses the levels of the Xchange registry of the European Union Drugs Agency, plus *not
  rated*. A class that nobody published is *not rated*, with a note in words about the studies that exist.
* Few programmes exist (tens), so the catalogue is filtered in Python by a pure rule; queries inside JSON
  columns differ between the two databases.
* The catalogue is one page of GET filters: those that few ask for are folded away, and open once one is in use.
  "Evidence at least" follows the scale, so that a better rating is never filtered out.
* "Last year" on an offer counts registers of meetings that were held (`delivery.past_year`), never answers.
* Free places are counted by the room above. The catalogue asks by a signal (`signals.places_asked`), so that
  the import order stays one way.
* Opening a school year carries editions over column by column, so that terms which come later go on too; what other
  rooms keep beside an edition goes on by a signal (`signals.editions_carried`). What is proposed is never stored: it is
  worked out from the rows, and a mark says whether what is confirmed is still what was shown.
"""
