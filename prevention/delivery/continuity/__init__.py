"""Where a school, a grade, a provider or a programme breaks off, compared with the two school years before.

What is counted are classes: those with at least one meeting held in the years before, those with a booking that
stands in the year that is looked at. Something breaks off when it had classes in one of the two years and has none,
and thins out when it has less than half of the year before. That a year has just begun is no excuse: the board exists
to show in September what is still missing while there is time to act.
"""
