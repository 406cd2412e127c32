"""What of a before and after may be shown, and the values that leave this room. Pure.

Who sees it is the office; that is no reason to show what the policy hides from staff. One figure over all pupils of the
pair, never one of a class, a school or a sex. Rules, with the numbers of `policy.toml`:

* Each of the two groups has `answers_school` answers from `classes` classes, and neither almost nobody nor almost
  everybody said yes.
* Of the two waves nothing else is published (`sources.is_of_the_district`): there is no table to compare with.
* Those found again are a part of those who answered. What lies between is a group too: from the two shares together,
  the possible number of yes among those not found again must stay as open as any hidden number (`recovery`), unless
  they are a group of several classes that might be shown by itself. Else the figure is rounded to the coarse step, else
  hidden. The same holds in both waves.
* A share is rounded, its interval outwards; the difference is that of the rounded shares, and the ratio and the size
  are made of them too. What the middle of an interval tells beyond that is weighed with all else (`panel_links`).

A pair is computed once, when both of its waves are sealed, and stands as it is: a later correction of a wave does not
change it, because two results that differ by a few pupils tell those pupils' answers.
"""

from prevention.indicators.panel_gate.gate import let_out
from prevention.indicators.panel_gate.rounding import HARM_SIZE, ratio_step
from prevention.indicators.panel_gate.scale import normalised_total
from prevention.indicators.panel_gate.values import Panel, PanelFigure, Saying, Side, Who

__all__ = [
    "HARM_SIZE",
    "Panel",
    "PanelFigure",
    "Saying",
    "Side",
    "Who",
    "let_out",
    "normalised_total",
    "ratio_step",
]
