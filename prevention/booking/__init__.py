"""Dated places for classes, and the bookings of them.

Owns: a *slot* (dated places of one edition), its dates, a *booking* (one class takes one place) and the dates
that follow from it, calendar invitations. Is not: what happened on those dates (`delivery`), nor the offer
itself (`programmes`).

Choices, with their reason:

* The unit of booking is a whole class of a school year, with its pupils and the adults who come along.
* A booking has its own dates (`booking_meeting`), copied from the slot: one date can then be moved, cancelled
  or planned by the office without touching the other classes. A booking may therefore exist without a slot.
* A place is claimed by one conditional UPDATE with a CHECK behind it; "one confirmed booking per class and
  edition" is a partial unique index; and the class's row is locked before its dates are compared, because two
  bookings of one class for different slots meet in no other row.
* Calendar: one VEVENT per date, its UID is the date's id for life and its SEQUENCE a column, so that a
  cancellation finds the entry it cancels.
* `audit.violations` re-checks all of this with plain queries that know nothing of the code that writes.
* Free-text needs of a class are read on the page, never put into a mail.
"""
