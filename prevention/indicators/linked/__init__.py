"""What can be worked out about a number that is not shown, from all linked tables together. Pure.

The pupils of a wave fall into *atoms*: the finest groups that published tables tell apart (a school's girls of the
second year). Several *quantities* count the same pupils (smoked in life, smoked in 30 days); a quantity's total in an
atom lies between nought and its valid answers there. Every published number bounds a sum of atoms, and where one
quantity lies within another (30 days within life), it bounds it atom by atom. That is a linear programme, and the
smallest and largest sum of any group that it allows are what an attacker can know who holds every table and knows how
many pupils of each atom answered. (Fischetti & Salazar, Management Science 47 (2001) 1008-1027; Hundepool et al.,
Statistical Disclosure Control (2012), §4.4. Enrolments are public, so answers per atom are taken as known.)

Ways to be sure that a number is open enough, or is not, the cheap ones first:

1. a step from the truth: moving a few pupils of one atom contradicts no published number, so the target is open
   (`steps`);
2. the programme of one quantity, all others held at the truth: what is open there is open;
3. the programme of one quantity, as if no other were known: what is too narrow there is so all the more with them;
4. of a large district, the programme of all quantities in a few atoms, the rest held at the truth: what is open there
   is open (`nearby`);
5. the programme of all quantities, for what is left.

Where an interval is too narrow, the multipliers of its programme say which published numbers make it so: unless one of
those says less, it stays so. Where several targets are left, one programme first pushes all of them at once, up and
then down: each solution is a witness for all.

A programme is kept and goes on from where it stood: from round to round the published numbers only say less.

Left out of account: that totals are whole numbers. An attacker who uses it gains less than one pupil at each end.
"""

from prevention.indicators.linked.quantities import Bound, Leak, Settled, Target, Within
from prevention.indicators.linked.search import Linked

__all__ = ["Bound", "Leak", "Linked", "Settled", "Target", "Within"]
