"""A problem turned into numbers: indices instead of ids and dates, and what can be told of it once and for all.

`options` answers the question asked most often: on which days, at which times could this facilitator lead a meeting of
that length for that request, as far as nobody else is planned? Answers are kept; requests of one site with the same
length, wishes and closures share them.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from prevention.booking.plan_values import (
    LONGEST_BREAK,
    SHORT_BY,
    Facilitator,
    Meeting,
    Period,
    Problem,
    Request,
    monday_of,
)
from prevention.booking.planner.weights import TRIP_MINUTE, TRIP_UNKNOWN_MIN

# Start and end of a meeting, in minutes after midnight.
Time = tuple[int, int]
# A day's index with the times that are possible on it.
DayTimes = tuple[int, tuple[Time, ...]]


@dataclass(frozen=True, slots=True)
class Visit:
    """One meeting of a series: its number from 0, who, when (index of the day), in which room."""

    number: int
    facilitator: int
    day: int
    starts: int
    ends: int
    room: int


Series = tuple[Visit, ...]
NO_ROOM = -1


@dataclass(slots=True)
class Compiled:
    """See the module. Lists are by index: facilitators `f`, sites `s`, requests `r`, days `d`, rooms."""

    problem: Problem
    weekday: list[int]
    week: list[int]
    facilitators: tuple[Facilitator, ...]
    requests: tuple[Request, ...]
    site: list[int]
    school: list[int]
    school_class: list[int]
    municipality: list[int]
    travel: list[list[int]]
    trip: list[list[int]]
    able: list[tuple[int, ...]]
    rooms: list[tuple[int, ...]]
    room_ids: list[uuid.UUID]
    index_room: dict[uuid.UUID, int]
    open_days: list[list[int]]
    locked: list[dict[int, Visit]]
    before: list[dict[int, Visit]]
    quota: dict[tuple[int, uuid.UUID], int]
    index_f: dict[uuid.UUID, int]
    index_r: dict[uuid.UUID, int]
    index_s: dict[uuid.UUID, int]
    index_class: dict[uuid.UUID, int]
    requests_of_school: list[list[int]]
    _times: dict[tuple[object, ...], tuple[DayTimes, ...]] = field(default_factory=dict)
    _options: dict[tuple[object, ...], tuple[DayTimes, ...]] = field(default_factory=dict)

    def options(self, r: int, number: int, f: int) -> tuple[DayTimes, ...]:
        """Give the days with times at which `f` could lead meeting `number` of `r`, by day."""
        request = self.requests[r]
        key = (self.site[r], request.minutes[number], request.wishes, request.closed_days, f)
        found = self._options.get(key)
        if found is None:
            found = self._options[key] = tuple(self._there(f, self.times(r, number)))
        return found

    def times(self, r: int, number: int) -> tuple[DayTimes, ...]:
        """Give the days with times at which the class of `r` could have meeting `number`, whoever leads it."""
        request = self.requests[r]
        key = (self.site[r], request.minutes[number], request.wishes, request.closed_days)
        found = self._times.get(key)
        if found is None:
            found = self._times[key] = tuple(self._wanted(r, request.minutes[number]))
        return found

    def day(self, d: int) -> date:
        """Give the day with an index."""
        return self.problem.first_day + timedelta(days=d)

    def day_index(self, meeting: Meeting) -> int:
        """Give the index of a meeting's day."""
        return (meeting.stretch.day - self.problem.first_day).days

    def visit(self, meeting: Meeting) -> Visit:
        """Give a meeting in numbers."""
        return Visit(
            meeting.number - 1,
            self.index_f[meeting.facilitator],
            self.day_index(meeting),
            meeting.stretch.starts,
            meeting.stretch.ends,
            NO_ROOM if meeting.room is None else self.index_room[meeting.room],
        )

    def _wanted(self, r: int, minutes: int) -> list[DayTimes]:
        request = self.requests[r]
        place = self.problem.places[self.site[r]]
        wishes = request.wishes
        by_weekday = {
            weekday: tuple(
                (starts, ends)
                for starts, ends in meeting_times(periods, minutes)
                if wishes.earliest <= starts and ends <= wishes.latest
            )
            for weekday, periods in place.periods.items()
            if not wishes.weekdays or weekday in wishes.weekdays
        }
        found = []
        for d, weekday in enumerate(self.weekday):
            times = by_weekday.get(weekday, ())
            if times:
                day = self.day(d)
                if day not in request.closed_days and monday_of(day) not in wishes.avoid_weeks:
                    found.append((d, times))
        return found

    def _there(self, f: int, days: Sequence[DayTimes]) -> list[DayTimes]:
        person = self.facilitators[f]
        found = []
        for d, times in days:
            there, away = hours_of(person, d, self)
            fits = tuple(
                time
                for time in times
                if _covered(time, there) and not any(time[0] < ends and starts < time[1] for starts, ends in away)
            )
            if fits:
                found.append((d, fits))
        return found


def meeting_times(periods: Sequence[Period], minutes: int) -> list[Time]:
    """Give the times of a day at which a meeting of so many minutes fills whole teaching periods, see `plan_values`."""
    found = []
    for first in range(len(periods)):
        held = 0
        for last in range(first, len(periods)):
            if last > first and periods[last].starts - periods[last - 1].ends > LONGEST_BREAK:
                break
            held += periods[last].ends - periods[last].starts + SHORT_BY
            if held >= minutes:
                found.append((periods[first].starts, periods[last].ends))
                break
    return found


def hours_of(person: Facilitator, d: int, compiled: Compiled) -> tuple[list[Time], list[Time]]:
    """Give the hours at which a facilitator is there on a day, and those at which they are away all the same."""
    day = compiled.day(d)
    there = [(window.starts, window.ends) for window in person.windows if window.weekday == compiled.weekday[d]]
    away: list[Time] = []
    for special in person.exceptions:
        if special.first_day <= day <= special.last_day:
            (there if special.is_available else away).append((special.starts, special.ends))
    return _joined(there), away


def _joined(hours: list[Time]) -> list[Time]:
    """Join hours that touch or overlap."""
    found: list[Time] = []
    for starts, ends in sorted(hours):
        if found and starts <= found[-1][1]:
            found[-1] = (found[-1][0], max(ends, found[-1][1]))
        else:
            found.append((starts, ends))
    return found


def _covered(time: Time, hours: Sequence[Time]) -> bool:
    return any(starts <= time[0] and time[1] <= ends for starts, ends in hours)


def compile_problem(problem: Problem) -> Compiled:
    """Turn a problem into numbers."""
    days = (problem.last_day - problem.first_day).days + 1
    dates = [problem.first_day + timedelta(days=d) for d in range(days)]
    first_monday = monday_of(problem.first_day)
    places, requests, people = problem.places, problem.requests, problem.facilitators
    index_s = {place.id: at for at, place in enumerate(places)}
    towns = _numbered(place.municipality for place in places)
    schools = _numbered(place.institute for place in places)
    index_class = _numbered(
        [request.school_class for request in requests]
        + [fixed.school_class for fixed in problem.commitments if fixed.school_class is not None]
    )
    index_room = _numbered(
        [room.id for place in places for room in place.rooms]
        + [fixed.room for fixed in problem.commitments if fixed.room is not None]
    )
    site = [index_s[request.site] for request in requests]
    compiled = Compiled(
        problem=problem,
        weekday=[day.weekday() for day in dates],
        week=[(monday_of(day) - first_monday).days // 7 for day in dates],
        facilitators=people,
        requests=requests,
        site=site,
        school=[schools[places[s].institute] for s in site],
        school_class=[index_class[request.school_class] for request in requests],
        municipality=[towns[place.municipality] for place in places],
        travel=[
            [0 if a.id == b.id else problem.travel.minutes(a.municipality, b.municipality) for b in places]
            for a in places
        ],
        trip=[[_trip(problem, person, town) for town in towns] for person in people],
        able=[
            tuple(f for f, person in enumerate(people) if request.edition in person.editions) for request in requests
        ],
        rooms=[_suitable_rooms(problem, request, site[r], index_room) for r, request in enumerate(requests)],
        room_ids=list(index_room),
        index_room=index_room,
        open_days=_open_days(requests, dates),
        locked=[{} for _ in requests],
        before=[{} for _ in requests],
        quota={
            (schools[school], edition): left for (school, edition), left in problem.quotas.items() if school in schools
        },
        index_f={person.id: f for f, person in enumerate(people)},
        index_r={request.id: r for r, request in enumerate(requests)},
        index_s=index_s,
        index_class=index_class,
        requests_of_school=[[] for _ in schools],
    )
    for r, school in enumerate(compiled.school):
        compiled.requests_of_school[school].append(r)
    for meeting in problem.before:
        _take_over(meeting, compiled)
    return compiled


def _numbered(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    return {key: at for at, key in enumerate(dict.fromkeys(ids))}


def _trip(problem: Problem, person: Facilitator, town: uuid.UUID) -> int:
    minutes = TRIP_UNKNOWN_MIN if person.base is None else problem.travel.minutes(person.base, town)
    return minutes * TRIP_MINUTE


def _suitable_rooms(problem: Problem, request: Request, s: int, index: Mapping[uuid.UUID, int]) -> tuple[int, ...]:
    """List the rooms that hold a class, the smallest first, so that large ones are left for large classes."""
    if not (request.needs_room or request.needs_projector):
        return (NO_ROOM,)
    suitable = [
        room
        for room in problem.places[s].rooms
        if (room.seats is None or room.seats >= request.people)
        and (room.has_projector or not request.needs_projector)
        and request.room_kind in (None, room.kind)
    ]
    # A room that nobody counted may be any size; without a projector before with one.
    suitable.sort(key=lambda room: (room.seats is None, room.seats, room.has_projector, index[room.id]))
    return tuple(index[room.id] for room in suitable)


def _open_days(requests: Sequence[Request], dates: Sequence[date]) -> list[list[int]]:
    """Count the days up to each day that are not closed, so that a difference is a distance without closures."""
    kept: dict[frozenset[date], list[int]] = {}
    found = []
    for request in requests:
        counts = kept.get(request.closed_days)
        if counts is None:
            counts, count = [], 0
            for day in dates:
                count += day not in request.closed_days
                counts.append(count)
            kept[request.closed_days] = counts
        found.append(counts)
    return found


def _take_over(meeting: Meeting, compiled: Compiled) -> None:
    """Note a meeting of the plan before, if all it speaks of is still there."""
    r = compiled.index_r.get(meeting.request)
    if r is None or meeting.facilitator not in compiled.index_f or meeting.number > len(compiled.requests[r].minutes):
        return
    if meeting.room is not None and meeting.room not in compiled.index_room:
        # The room went out of use: the date stays, and what it needs is told by the check.
        meeting = replace(meeting, room=None)
    if 0 <= compiled.day_index(meeting) < len(compiled.weekday):
        visit = compiled.visit(meeting)
        compiled.before[r][visit.number] = visit
        if meeting.is_locked:
            compiled.locked[r][visit.number] = visit
