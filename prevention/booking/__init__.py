"""Dated places for classes, and the bookings of them.

Owns: a *slot* (dated places of one edition), its dates, a *booking* (one class takes one place) and the dates
that follow from it, calendar invitations. Is not: what happened on those dates (`delivery`), nor the offer
itself (`programmes`).

Choices, with their reason:

* The unit of booking is a whole class of a school year, with its pupils and the adults who come along.
* A booking has its own dates (`booking_meeting`), copied from the slot: one date can then be moved, cancelled
  or planned by the office without touching the other classes. A booking may therefore exist without a slot.
* Places are counted date by date, in classes or in heads (pupils and adults alike take a seat, as in a theatre): a
  class can take some of the dates, lose one, or move one, and the others stay what they are.
* A hold (an open form, 15 minutes) and an offer to a waiting class are not taken places but rows with an end; whoever
  counts asks for those whose end lies ahead. Nothing has to run for them to end.
* While a class waits for a slot, newcomers see no place there: a freed one is offered to the first class in the line
  that fits as a whole. Schools never reached come first, then classes never reached, then who waits longest.
* Rows are locked in one order: institutes (under a quota), classes, facilitators, slots, bookings, each by id.
* A request is a booking without dates and with a wish; it becomes one with dates by planning. Where an edition does
  not accept by itself, a booking of dates is a request that keeps its places until the provider decides.
* A place is claimed by one conditional UPDATE with a CHECK behind it; "one standing booking per class and
  edition" is a partial unique index; and the class's row is locked before its dates are compared, because two
  bookings of one class for different slots meet in no other row.
* Calendar: one VEVENT per date, its UID is the date's id for life and its SEQUENCE a column, so that a
  cancellation finds the entry it cancels.
* `audit.violations` re-checks all of this with plain queries that know nothing of the code that writes.
* Free-text needs of a class are read on the page, never put into a mail.
"""
