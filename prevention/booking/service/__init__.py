"""The verbs of booking: publish dated places, book or ask for some, wait, move, decide, call off, and read it all."""

from prevention.booking.service.agenda import (
    BookingFilter,
    booked_classes,
    booking_for,
    booking_with_all,
    bookings_for,
    bookings_of,
    meetings_for,
    visible_to,
)
from prevention.booking.service.availability import check_can_book, chosen_dates
from prevention.booking.service.board import Board, board
from prevention.booking.service.calendar_page import (
    CalendarFilter,
    calendar_closures,
    calendar_dates,
    calendar_table,
    leading_facilitators,
    next_day_with_dates,
)
from prevention.booking.service.calling_off import (
    can_cancel,
    can_cancel_slot,
    cancel,
    cancel_meeting,
    cancel_slot,
    cancel_slot_meeting,
)
from prevention.booking.service.catalogue_answers import bookable_months
from prevention.booking.service.conflicts import Conflict, ConflictKind, dates_in_conflict, find_conflicts
from prevention.booking.service.deciding import Decided, approve, decide_all, decline, may_decide
from prevention.booking.service.editions import carry_reminders, schools_of_editions
from prevention.booking.service.feeds import all_feeds, content_of, feeds_for, renew_feed
from prevention.booking.service.holds import give_back, held_until, hold, usual_places
from prevention.booking.service.making import Party, better_offer, book, book_classes, classes_that_fit
from prevention.booking.service.move_targets import dates_to_go_to, times_to_go_to
from prevention.booking.service.moving import (
    can_choose_time,
    can_move,
    meeting_of,
    move_to_date,
    move_to_time,
)
from prevention.booking.service.own_rooms import can_choose_room, set_room
from prevention.booking.service.places import loads
from prevention.booking.service.reminders import (
    edition_reminder_days,
    general_reminder_days,
    send_digests,
    send_reminders,
    set_reminder_days,
)
from prevention.booking.service.requests import (
    Wish,
    change_request,
    classes_to_ask_for,
    open_requests,
    request,
    requestable_edition_for,
    requestable_editions,
    requests_among,
)
from prevention.booking.service.school_conflicts import meetings_off_school
from prevention.booking.service.slot_publishing import SlotDetails, publish_slot, school_year_days
from prevention.booking.service.slots import (
    SlotFilter,
    facilitators_of,
    facts_of,
    free_places,
    may_provide,
    open_slots,
    own_slot_for,
    slot_for,
    slot_with_all,
    slots_of,
)
from prevention.booking.service.unreached import unreached_classes, unreached_schools
from prevention.booking.service.waiting import accept, join, offer_lasts, pass_on, withdraw
from prevention.booking.service.waiting_list import (
    line_of,
    next_slot_to_pass_on,
    slots_waited_for,
    waiting_class_for,
    waiting_classes,
)

__all__ = [
    "Board",
    "BookingFilter",
    "CalendarFilter",
    "Conflict",
    "ConflictKind",
    "Decided",
    "Party",
    "SlotDetails",
    "SlotFilter",
    "Wish",
    "accept",
    "all_feeds",
    "approve",
    "better_offer",
    "board",
    "book",
    "book_classes",
    "bookable_months",
    "booked_classes",
    "booking_for",
    "booking_with_all",
    "bookings_for",
    "bookings_of",
    "calendar_closures",
    "calendar_dates",
    "calendar_table",
    "can_cancel",
    "can_cancel_slot",
    "can_choose_room",
    "can_choose_time",
    "can_move",
    "cancel",
    "cancel_meeting",
    "cancel_slot",
    "cancel_slot_meeting",
    "carry_reminders",
    "change_request",
    "check_can_book",
    "chosen_dates",
    "classes_that_fit",
    "classes_to_ask_for",
    "content_of",
    "dates_in_conflict",
    "dates_to_go_to",
    "decide_all",
    "decline",
    "edition_reminder_days",
    "facilitators_of",
    "facts_of",
    "feeds_for",
    "find_conflicts",
    "free_places",
    "general_reminder_days",
    "give_back",
    "held_until",
    "hold",
    "join",
    "leading_facilitators",
    "line_of",
    "loads",
    "may_decide",
    "may_provide",
    "meeting_of",
    "meetings_for",
    "meetings_off_school",
    "move_to_date",
    "move_to_time",
    "next_day_with_dates",
    "next_slot_to_pass_on",
    "offer_lasts",
    "open_requests",
    "open_slots",
    "own_slot_for",
    "pass_on",
    "publish_slot",
    "renew_feed",
    "request",
    "requestable_edition_for",
    "requestable_editions",
    "requests_among",
    "school_year_days",
    "schools_of_editions",
    "send_digests",
    "send_reminders",
    "set_reminder_days",
    "set_room",
    "slot_for",
    "slot_with_all",
    "slots_of",
    "slots_waited_for",
    "times_to_go_to",
    "unreached_classes",
    "unreached_schools",
    "usual_places",
    "visible_to",
    "waiting_class_for",
    "waiting_classes",
    "withdraw",
]
