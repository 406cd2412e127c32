"""Ejection chains: a request that waits pushes out what stands in its way, which then looks for a place of its own.

After Nagata and Bräysy (2009, "A powerful route minimization heuristic for the vehicle routing problem with time
windows", Operations Research Letters 37, 333-338): each request has a penalty that grows whenever it finds no place,
and the series is taken that pushes out the least sum of penalties. Those that are hard to place thus settle, and those
that have room elsewhere move on. No solver is asked; a step takes some 25 ms of the processor.
"""

from collections import defaultdict
from random import Random

from prevention.booking.planner.candidates import Step, cheapest_series, numbered
from prevention.booking.planner.compiled import NO_ROOM, DayTimes, Series, Visit
from prevention.booking.planner.greedy import cheapest
from prevention.booking.planner.state import State

# Steps of one round, after which the caller looks around, and rounds without a better plan after which it is of no use.
STEPS = 20
ROUNDS_IN_VAIN = 6
# Penalty of a request that the plan before had, at the start: it should stay where it is.
STEADY = 3.0
# How much of a series' price is left to chance, so that no two requests push each other out for ever.
SHAKEN = 0.3
_FAR = float("inf")
# Points that weigh as much as one request pushed out: less way decides between equals only.
_WAY = 1e-4
# Start and end of a meeting, its site and its request.
_Held = tuple[int, int, int, int]


class Chains:
    """A search of its own beside a plan: `go_on` for a round, and whether it `is_worthwhile` to do so again."""

    def __init__(self, state: State) -> None:
        self._compiled = state.compiled
        self._fixed = State(state.compiled)
        self._penalties = [STEADY if before else 1.0 for before in state.compiled.before]
        self._working = _copy_of(state)
        self._owners = _Owners(self._working)
        self._in_vain = 0

    @property
    def is_worthwhile(self) -> bool:
        """Whether rounds of late have made the plan better."""
        return self._in_vain < ROUNDS_IN_VAIN

    def go_on(self, state: State, rng: Random) -> None:
        """Go on for a round; `state` gets the best plan found if that is worth more than its own."""
        best, total = None, state.score().total
        for _step in range(STEPS):
            waiting = self._working.unplaced()
            if not waiting:
                break
            self._step(rng.choice(waiting), rng)
            worth = self._working.score().total
            if worth > total:
                best, total = list(self._working.series), worth
        self._in_vain = 0 if best is not None else self._in_vain + 1
        if best is not None:
            _write(best, state)

    def _step(self, r: int, rng: Random) -> None:
        working, owners = self._working, self._owners
        series = cheapest(working, r)
        if series is None:
            self._penalties[r] += 1
            series = self._through_others(r, rng)
            if series is None:
                return
            for other in self._in_the_way(r, series):
                owners.forget(other, working.take(other))
            if not working.fits(r, series):
                return
        working.put(r, series)
        owners.note(r, series)

    def _through_others(self, r: int, rng: Random) -> Series | None:
        """Give the series that pushes out the least; None where only what is fixed stands in the way."""
        if not self._working.quota_left(r):
            return None
        best: tuple[float, Series] | None = None
        for f in self._compiled.able[r]:
            for price, series in cheapest_series(self._compiled, r, self._layers(r, f, rng), most=1):
                cost = price * (1 + SHAKEN * rng.random())
                if best is None or cost < best[0]:
                    best = (cost, series)
        return None if best is None else best[1]

    def _layers(self, r: int, f: int, rng: Random) -> list[list[Step]]:
        compiled = self._compiled
        locked, open_days = compiled.locked[r], compiled.open_days[r]
        kept: dict[int, list[Step]] = {}
        layers = []
        for number, length in enumerate(compiled.requests[r].minutes):
            if number in locked:
                layers.append([Step(open_days[locked[number].day], 0.0, locked[number])])
                continue
            if length not in kept:
                found = (self._cheapest_time(r, f, number, day, rng) for day in compiled.options(r, number, f))
                kept[length] = [step for step in found if step is not None]
            layers.append([numbered(step, number) for step in kept[length]])
        return layers

    def _cheapest_time(self, r: int, f: int, number: int, day: DayTimes, rng: Random) -> Step | None:
        """Give the time of a day, with a room, that pushes out the least."""
        compiled, fixed, d = self._compiled, self._fixed, day[0]
        site, town = compiled.site[r], compiled.municipality[compiled.site[r]]
        way = 0.0 if self._working.trips.get((f, d, town)) else _WAY * compiled.trip[f][town]
        best: tuple[float, Visit] | None = None
        for starts, ends in day[1]:
            if not fixed.is_free_for(f, d, starts, ends, site):
                continue
            if not fixed.is_class_free(compiled.school_class[r], d, starts, ends):
                continue
            for room in compiled.rooms[r]:
                if not fixed.is_room_free(room, d, starts, ends):
                    continue
                visit = Visit(number, f, d, starts, ends, room)
                price = self._price(r, visit)
                if price < _FAR and (best is None or price + rng.random() * _WAY < best[0]):
                    best = (price, visit)
        return None if best is None else Step(compiled.open_days[r][d], best[0] + way, best[1])

    def _price(self, r: int, visit: Visit) -> float:
        out = self._owners.in_the_way(r, visit)
        price = sum(self._penalties[other] for other in out)
        week = (visit.facilitator, self._compiled.week[visit.day])
        there = self._owners.weeks.get(week, {})
        left = self._compiled.facilitators[visit.facilitator].weekly_cap - self._working.weeks.get(week, 0)
        if left <= 0 and not out & there.keys():
            price += min((self._penalties[other] for other in there), default=_FAR)
        return price

    def _in_the_way(self, r: int, series: Series) -> set[int]:
        """List what a series pushes out: what it meets, and of weeks that would be too full the least penalised."""
        compiled, owners = self._compiled, self._owners
        locked = compiled.locked[r]
        visits = [visit for visit in series if visit.number not in locked]
        out = {other for visit in visits for other in owners.in_the_way(r, visit)}
        more: dict[tuple[int, int], int] = defaultdict(int)
        for visit in visits:
            more[visit.facilitator, compiled.week[visit.day]] += 1
        for week, count in sorted(more.items()):
            there = owners.weeks.get(week, {})
            room = compiled.facilitators[week[0]].weekly_cap - self._working.weeks.get(week, 0) - count
            room += sum(there[other] for other in out if other in there)
            for other in sorted(there, key=lambda one: (self._penalties[one], one)):
                if room >= 0:
                    break
                if other not in out:
                    out.add(other)
                    room += there[other]
        return out


class _Owners:
    """Whose meetings those of a plan are; locked ones are nobody's, they stay."""

    def __init__(self, state: State) -> None:
        self._compiled = state.compiled
        self._people: dict[tuple[int, int], list[_Held]] = defaultdict(list)
        self._classes: dict[tuple[int, int], list[_Held]] = defaultdict(list)
        self._rooms: dict[tuple[int, int], list[_Held]] = defaultdict(list)
        # By (facilitator, week): how many meetings each request has there.
        self.weeks: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
        for r, series in enumerate(state.series):
            if series is not None:
                self.note(r, series)

    def note(self, r: int, series: Series) -> None:
        """Note a series that was put in."""
        for visit in self._own(r, series):
            for held, entry in self._places(r, visit):
                held.append(entry)
            there = self.weeks[visit.facilitator, self._compiled.week[visit.day]]
            there[r] = there.get(r, 0) + 1

    def forget(self, r: int, series: Series) -> None:
        """Forget a series that was taken out."""
        for visit in self._own(r, series):
            for held, entry in self._places(r, visit):
                held.remove(entry)
            self.weeks[visit.facilitator, self._compiled.week[visit.day]].pop(r, None)

    def in_the_way(self, r: int, visit: Visit) -> set[int]:
        """List the requests with a meeting that a visit for `r` cannot stand beside."""
        compiled = self._compiled
        starts, ends, day = visit.starts, visit.ends, visit.day
        ways = compiled.travel[compiled.site[r]]
        out = {
            other
            for begins, stops, site, other in self._people.get((visit.facilitator, day), ())
            if starts < stops + ways[site] and begins < ends + ways[site]
        }
        beside = [self._classes.get((compiled.school_class[r], day), ())]
        if visit.room != NO_ROOM:
            beside.append(self._rooms.get((visit.room, day), ()))
        out.update(other for held in beside for begins, stops, _site, other in held if starts < stops and begins < ends)
        return out

    def _own(self, r: int, series: Series) -> list[Visit]:
        locked = self._compiled.locked[r]
        return [visit for visit in series if visit.number not in locked]

    def _places(self, r: int, visit: Visit) -> list[tuple[list[_Held], _Held]]:
        entry = (visit.starts, visit.ends, self._compiled.site[r], r)
        places = [
            (self._people[visit.facilitator, visit.day], entry),
            (self._classes[self._compiled.school_class[r], visit.day], entry),
        ]
        if visit.room != NO_ROOM:
            places.append((self._rooms[visit.room, visit.day], entry))
        return places


def _copy_of(state: State) -> State:
    copy = State(state.compiled)
    _write(state.series, copy)
    return copy


def _write(plan: list[Series | None], state: State) -> None:
    for r, series in enumerate(state.series):
        if series is not None and plan[r] is not series:
            state.take(r)
    for r, series in enumerate(plan):
        if series is not None and state.series[r] is not series:
            state.put(r, series)
