"""Who is where while a plan grows: series are put in, taken out, and tried against what is there."""

from collections import Counter, defaultdict

from prevention.booking.plan_values import Commitment, Meeting, Plan, Stretch, monday_of
from prevention.booking.planner.compiled import NO_ROOM, Compiled, Series, Time, Visit
from prevention.booking.planner.weights import (
    CHANGED,
    FAIR_PER_MILLE,
    NEVER_REACHED,
    NOT_THE_PREFERRED,
    PER_MILLE,
    PLACED,
    Score,
)

# The site of somebody who is busy at none.
NOWHERE = -1


class State:
    """A plan under way. `series` gives what each request has, None for what waits; locked meetings are in anyway."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.series: list[Series | None] = [None] * len(compiled.requests)
        # By (facilitator, day): start, end, site. By (class or room, day): start, end.
        self.people: dict[tuple[int, int], list[tuple[int, int, int]]] = defaultdict(list)
        self.classes: dict[tuple[int, int], list[Time]] = defaultdict(list)
        self.rooms: dict[tuple[int, int], list[Time]] = defaultdict(list)
        # Meetings by (facilitator, week), visits by (facilitator, day, municipality).
        self.weeks: Counter[tuple[int, int]] = Counter()
        self.trips: Counter[tuple[int, int, int]] = Counter()
        for commitment in compiled.problem.commitments:
            self._commit(commitment)
        for r, locked in enumerate(compiled.locked):
            for visit in locked.values():
                self._hold(r, visit, sign=1)

    def put(self, r: int, series: Series) -> None:
        """Give a request its series; the caller has made sure that it fits."""
        self.series[r] = series
        locked = self.compiled.locked[r]
        for visit in series:
            if visit.number not in locked:
                self._hold(r, visit, sign=1)

    def take(self, r: int) -> Series:
        """Take a request's series out again."""
        series = self.series[r]
        if series is None:
            raise ValueError("the request has no series")
        self.series[r] = None
        locked = self.compiled.locked[r]
        for visit in series:
            if visit.number not in locked:
                self._hold(r, visit, sign=-1)
        return series

    def is_free_for(self, f: int, day: int, starts: int, ends: int, site: int) -> bool:
        """Say whether a facilitator is free and can come from, and go on to, where else they are that day."""
        travel = self.compiled.travel
        for busy_from, busy_until, where in self.people.get((f, day), ()):
            need = travel[where][site] if where != NOWHERE else 0
            if starts < busy_until + need and busy_from < ends + need:
                return False
        return True

    def is_class_free(self, school_class: int, day: int, starts: int, ends: int) -> bool:
        """Say whether a class has nothing else then."""
        return all(ends <= one or other <= starts for one, other in self.classes.get((school_class, day), ()))

    def is_room_free(self, room: int, day: int, starts: int, ends: int) -> bool:
        """Say whether nothing else is in a room then; no room is always free."""
        return room == NO_ROOM or all(ends <= one or other <= starts for one, other in self.rooms.get((room, day), ()))

    def quota_left(self, r: int) -> bool:
        """Say whether the school of a request may get one more class of the edition."""
        compiled = self.compiled
        key = (compiled.school[r], compiled.requests[r].edition)
        limit = compiled.quota.get(key)
        if limit is None:
            return True
        taken = sum(
            1
            for other in compiled.requests_of_school[compiled.school[r]]
            if other != r and self.series[other] is not None and compiled.requests[other].edition == key[1]
        )
        return taken < limit

    def fits(self, r: int, series: Series) -> bool:
        """Say whether a series that is right in itself can stand beside everything that is there."""
        compiled = self.compiled
        weeks: Counter[tuple[int, int]] = Counter()
        for visit in series:
            if visit.number in compiled.locked[r]:
                continue
            free = (
                self.is_free_for(visit.facilitator, visit.day, visit.starts, visit.ends, compiled.site[r])
                and self.is_class_free(compiled.school_class[r], visit.day, visit.starts, visit.ends)
                and self.is_room_free(visit.room, visit.day, visit.starts, visit.ends)
            )
            if not free:
                return False
            weeks[visit.facilitator, compiled.week[visit.day]] += 1
        return self.quota_left(r) and all(
            self.weeks[key] + more <= compiled.facilitators[key[0]].weekly_cap for key, more in weeks.items()
        )

    def unplaced(self) -> list[int]:
        """List the requests that wait."""
        return [r for r, series in enumerate(self.series) if series is None]

    def score(self) -> Score:
        """Say what the plan is worth."""
        compiled = self.compiled
        placed = [r for r, series in enumerate(self.series) if series is not None]
        never = sum(compiled.requests[r].is_never_reached for r in placed)
        share = min(
            (
                PER_MILLE * sum(self.series[r] is not None for r in requests) // len(requests)
                for requests in compiled.requests_of_school
                if requests
            ),
            default=PER_MILLE,
        )
        trips = [key for key, count in self.trips.items() if count]
        minutes = sum(compiled.trip[f][town] for f, _day, town in trips)
        not_preferred = sum(_is_not_preferred(compiled, r, series) for r, series in enumerate(self.series))
        changed = sum(changes(compiled, r, series) for r, series in enumerate(self.series) if series is not None)
        return Score(
            total=PLACED * len(placed)
            + NEVER_REACHED * never
            + FAIR_PER_MILLE * share
            - minutes
            - NOT_THE_PREFERRED * not_preferred
            - CHANGED * changed,
            placed=len(placed),
            never_reached=never,
            smallest_share_per_mille=share,
            trip_minutes=minutes,
            trips=len(trips),
            not_preferred=not_preferred,
            changed=changed,
        )

    def plan(self) -> Plan:
        """Give the plan in the words of the problem, by request and number."""
        compiled = self.compiled
        meetings = []
        for r, series in enumerate(self.series):
            visits = compiled.locked[r].values() if series is None else series
            meetings += [self._meeting(r, visit) for visit in visits]
        return Plan(meetings=tuple(meetings))

    def _meeting(self, r: int, visit: Visit) -> Meeting:
        compiled = self.compiled
        return Meeting(
            request=compiled.requests[r].id,
            number=visit.number + 1,
            facilitator=compiled.facilitators[visit.facilitator].id,
            stretch=Stretch(day=compiled.day(visit.day), starts=visit.starts, ends=visit.ends),
            room=None if visit.room == NO_ROOM else compiled.room_ids[visit.room],
            is_locked=visit.number in compiled.locked[r],
        )

    def _hold(self, r: int, visit: Visit, *, sign: int) -> None:
        compiled = self.compiled
        site = compiled.site[r]
        time = (visit.starts, visit.ends)
        person, room = (visit.facilitator, visit.day), (visit.room, visit.day)
        school_class = (compiled.school_class[r], visit.day)
        if sign > 0:
            self.people[person].append((*time, site))
            self.classes[school_class].append(time)
            if visit.room != NO_ROOM:
                self.rooms[room].append(time)
        else:
            self.people[person].remove((*time, site))
            self.classes[school_class].remove(time)
            if visit.room != NO_ROOM:
                self.rooms[room].remove(time)
        self.weeks[visit.facilitator, compiled.week[visit.day]] += sign
        self.trips[visit.facilitator, visit.day, compiled.municipality[site]] += sign

    def _commit(self, fixed: Commitment) -> None:
        compiled = self.compiled
        first = compiled.problem.first_day
        day = (fixed.stretch.day - first).days
        time = (fixed.stretch.starts, fixed.stretch.ends)
        if fixed.facilitator in compiled.index_f:
            f = compiled.index_f[fixed.facilitator]
            # Also for a day just outside, whose week is half inside.
            self.weeks[f, (monday_of(fixed.stretch.day) - monday_of(first)).days // 7] += 1
        if not 0 <= day < len(compiled.week):
            return
        if fixed.facilitator in compiled.index_f:
            f = compiled.index_f[fixed.facilitator]
            site = compiled.index_s.get(fixed.site, NOWHERE) if fixed.site is not None else NOWHERE
            self.people[f, day].append((*time, site))
            if site != NOWHERE:
                self.trips[f, day, compiled.municipality[site]] += 1
        if fixed.school_class is not None:
            self.classes[compiled.index_class[fixed.school_class], day].append(time)
        if fixed.room is not None:
            self.rooms[compiled.index_room[fixed.room], day].append(time)


def changes(compiled: Compiled, r: int, series: Series) -> int:
    """Count the meetings of a series that are not where the plan before had them."""
    before = compiled.before[r]
    return sum(visit.number in before and before[visit.number] != visit for visit in series)


def _is_not_preferred(compiled: Compiled, r: int, series: Series | None) -> bool:
    wanted = compiled.requests[r].wishes.facilitator
    return (
        series is not None
        and wanted is not None
        and any(compiled.facilitators[visit.facilitator].id != wanted for visit in series)
    )
