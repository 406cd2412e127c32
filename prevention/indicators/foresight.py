"""What a survey can tell before it is held: how far off a figure may be, and the smallest change it would find. Pure.

Reckoned for a share of 20 in 100 and a correlation of answers within a class of 0.05, in the middle of what is
published (domain dossier, section 2.3: mediators 0.01 to 0.07, use up to 0.2), with a chance of 80 % to find the
change. Before and after are reckoned as two groups: that the classes are the same helps, by how much nobody knows
before.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from prevention.core.web import number
from prevention.indicators.effects import detectable_difference, detectable_size
from prevention.indicators.estimates import WORKING_ICC, t_quantile

SHARE = 0.2
# Who is there and answers, of the pupils of a class.
ANSWERS = 0.9
# A change of less than this is what a workshop may bring about; who cannot find it should know.
WORTHWHILE = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Foresight:
    """What a survey of so many classes can tell.

    Attributes:
        classes, answers: how many, the answers as expected.
        margin: how far a figure may be off, as a share; None with fewer than two classes.
        difference: the smallest change of a share that would be found; `size`: of a mean, as Cohen's d.
    """

    classes: int
    answers: int
    margin: float | None
    difference: float | None
    size: float | None


def foresee(pupils: Sequence[int]) -> Foresight:
    """Say what a survey of classes with so many pupils can tell."""
    classes = len(pupils)
    answers = round(ANSWERS * sum(pupils))
    if classes < 2 or not answers:
        return Foresight(classes=classes, answers=answers, margin=None, difference=None, size=None)
    per_class = answers / classes
    variance = SHARE * (1 - SHARE) / answers * (1 + (per_class - 1) * WORKING_ICC)
    return Foresight(
        classes=classes,
        answers=answers,
        margin=t_quantile(classes - 1, 0.975) * math.sqrt(variance),
        difference=detectable_difference(share=SHARE, classes=classes, pupils_per_class=per_class, icc=WORKING_ICC),
        size=detectable_size(classes=classes, pupils_per_class=per_class, icc=WORKING_ICC),
    )


def sentences(pupils: Sequence[int], *, is_pair: bool) -> tuple[str, ...]:
    """Say it in words.

    Args:
        pupils: of each class.
        is_pair: the survey is a before or an after; else it is the yearly picture.
    """
    found = foresee(pupils)
    if found.margin is None or found.difference is None or found.size is None:
        return (_("With fewer than two classes no figure of this survey will be shown to anybody."),)
    said = [
        _(
            "%(classes)s classes, some %(answers)s answers: a figure of %(share)s in 100 will be known to within "
            "%(margin)s points.",
            classes=number(found.classes),
            answers=number(found.answers),
            share=number(round(SHARE * 100)),
            margin=number(round(found.margin * 100, 1)),
        )
    ]
    change = {"points": number(round(found.difference * 100)), "size": number(round(found.size, 2))}
    if is_pair:
        said.append(
            _(
                "From before to after, a change of less than %(points)s points (of a mean: d = %(size)s) would "
                "probably not be told from chance.",
                **change,
            )
        )
    else:
        said.append(
            _(
                "Against another year with as many classes, a change of less than %(points)s points would probably "
                "not be told from chance.",
                points=change["points"],
            )
        )
    if found.difference > WORTHWHILE:
        said.append(
            _("So few classes can hardly ever prove a change of behaviour; all classes of the province together can.")
        )
    return tuple(said)


def answer(_sender: object, *, pupils: Sequence[int], is_pair: bool) -> tuple[str, ...]:
    """Answer the surveys' question; see `surveys.signals`."""
    return sentences(pupils, is_pair=is_pair)
