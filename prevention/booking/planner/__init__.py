"""The year planner: all requests of a school year get their dates, or a reason why not. Values in, values out.

What is asked and which rules bind is in `plan_values`; what counts how much in `weights`; the check of a plan is
separate code (`plan_check`) that knows nothing of this package. Rows are read and written elsewhere (`service`).

How it works: `greedy` puts request after request at its cheapest series of dates; then `search` frees some 35 requests
at a time (`neighbourhoods`: of some facilitators, of neighbouring municipalities, of the same weeks, in the way of
those that wait) and `repair` lets OR-Tools CP-SAT choose a new series for each. Series come from `candidates`. `bound`
says how good a plan could be at most, `reasons` why a request waits.

Measured by `bench/planner.py` on two cores, in the reference district (seed 1): a first plan that keeps all rules after
1.2 s, all 300 classes placed after 4.1 s, 0.34 % below the bound after 60 s, 205 MiB at most, 149 of them imports of
the whole application. With seeds 2 and 3 all are placed after 13.0 and 4.2 s, 0.54 and 0.43 % below. No plan breaks a
rule. Before the last two choices below, in a minute 299 of 300 found a place in 30 municipalities, 281 with 9
facilitators, and 599 of 600 classes in a district twice as large (223 MiB).

Choices, with their reason (times are seconds of the processor):

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
