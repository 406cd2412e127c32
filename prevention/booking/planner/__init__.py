"""The year planner: all requests of a school year get their dates, or a reason why not. Values in, values out.

What is asked and which rules bind is in `plan_values`; what counts how much in `weights`; the check of a plan is
separate code (`plan_check`) that knows nothing of this package. Rows are read and written elsewhere (`service`).

How it works: `greedy` puts request after request at its cheapest series of dates; `chains` let those that found none
push others out, which look for another place; then `search` frees some 35 requests at a time (`neighbourhoods`: of some
facilitators, of neighbouring municipalities, of the same weeks, in the way of those that wait) and `repair` lets
OR-Tools CP-SAT choose a new series for each. Series come from `candidates`. `bound` says how good a plan could be at
most, `reasons` why a request waits.

Measured by `bench/planner.py`, 58 s on the clock of a quiet machine with two cores, in the reference district: with
seeds 1, 2 and 3 all 300 classes are placed after 0.9, 1.5 and 1.4 s, where repairs alone needed 4.1, 13.0 and 4.2 s.
The gap to the bound is then 0.34, 0.50 and 0.41 %, the peak of memory 201 MiB, 154 of them imports.
Of 600 classes all are placed after 3.5 s (0.48 %, 230 MiB). No plan breaks a rule.

Choices, with their reason (times are seconds of the processor):

* Ejection chains before any solver: with seed 2 the greedy start leaves 33 of 300 classes out; repairs alone needed 39
  rounds and 12 s to place them, chains 14 rounds and 0.8 s. They look at places, not at ways; repairs then save those.
* Tried once each on top of chains, on a busy machine, and left out (seed 2, 40 s; without: 0.53 and 0.55 % in two
  runs): days of freed visits cheaper 0.57 %, 60 series for each request at most 0.56 %, 45 requests at a time 0.60 %,
  plans that may lose some points 0.57 to 0.61 %, moving one request after the other without a solver. None was clearly
  better, and most differences lie within what two runs differ by.
* One Boolean per series of dates, not per facilitator and hour. A repair has some 3,000 Booleans, is built in a
  quarter of a second, and CP-SAT proves most of them optimal; a model of the whole year needed 1.6 GB and left classes
  out.
* Sums instead of implications and the full linear relaxation: a kept repair is solved to the end in 0.34 s; with
  implications and CP-SAT's defaults it was not after 3 s.
* Rooms need no variables of their own: a series names the room of each meeting, series of one time are offered with
  different free rooms, and the smallest that holds the class comes first where nothing is left to chance.
* The model is written without OR-Tools' comfortable layer, which imports pandas (`sat`): the same plans with 78 MiB
  less.
* Prices of days are shaken alike for all classes of a municipality, so that the series offered to CP-SAT meet on the
  same days; that is where ways are saved.
* One worker and CP-SAT's deterministic time: the same problem, seed and number of repairs give the same plan on any
  machine. A limit in seconds ends the same sequence earlier or later, so it does not.
* Once all classes are placed, 25 are freed at a time instead of 35: after 45 s of the processor (seed 2) 24,606 minutes
  of way instead of 25,509; 45 or more at a time were solved too slowly (31,000 and more).
* A meeting carries its share of a visit in `bound`, by facilitator and weekday: 7,583 instead of 5,343 points that no
  plan can save with seed 1, 8,313 instead of 5,394 with seed 2, 8,778 instead of 5,134 with seed 3, which is 0.07 to
  0.11 % of the gap, for 0.3 s more.
* The plan never loses points from one repair to the next; whoever stops early has the best plan so far.
"""

from prevention.booking.planner.repair import Effort
from prevention.booking.planner.search import Budget, Listener, Outcome, Progress, solve
from prevention.booking.planner.weights import Score

__all__ = ["Budget", "Effort", "Listener", "Outcome", "Progress", "Score", "solve"]
