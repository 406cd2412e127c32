"""Answers of nobody: a generator for demonstrations and load tests, with a seed.

NOT DATA. No real answer went into it. Prevalences are set near published figures (ESPAD 2024 for Italy, students
turning 16, where one is known; domain notes §1.5) so that pages and charts look like they would; relations between
answers are plausible, not estimated. Never compare anything with its output.

How it works. Each person has a proneness u ~ N(0, 1). A behaviour k has a loading and a share s of users at grade 2
of the upper secondary school; the person uses it when z = loading * u + sqrt(1 - loading²) * e exceeds the normal
quantile of 1 - s. Shifts (grade, track, sex, class, year) move z. How far z lies beyond the threshold gives how
often; the same z serves lifetime, 12 months and 30 days, so that these never contradict each other. The class effect
is shared by a class, which gives the answers of classes the likeness (intraclass correlation) of real ones: at the
default spread some 0.02-0.05. Attitudes lean on u. A few people answer carelessly (a drug that does not exist,
contradicting ages), some items are left out, some declined. In the end everything passes `rules.check_answers`.
"""

from dataclasses import dataclass
from math import sqrt
from random import Random
from statistics import NormalDist

from prevention.surveys.rules import DECLINED, Answers, Form, Item, Kind, Questionnaire, check_answers

NORMAL = NormalDist()

# A logistic shift of 1.7 moves about as much as a normal one of 1.
LOGISTIC_TO_NORMAL = 1 / 1.7

CLASS_SPREAD = 0.27
GRADE_SHIFT = 0.2
TRACK_SHIFT = {"liceo": -0.12, "tecnico": 0.04, "professionale": 0.16}
# I grado at grade 3 compared with II grado at grade 2.
JUNIOR_SHIFT = -0.75

SHARE_CARELESS = 0.012
SHARE_LEFT_OUT = 0.012
SHARE_DECLINED = 0.01
SHARE_WRONG_AGE = 0.02
SHARE_NO_ASSENT = 0.008

# Shares of users, lightest first, per answer after "never"; the rest give the last answer.
HOW_OFTEN = (0.42, 0.18, 0.12, 0.11, 0.08)
HOW_OFTEN_OF = {
    "B2": (0.4, 0.2, 0.24, 0.1, 0.04),
    "B4": (0.45, 0.25),
    "C4": (0.44, 0.24, 0.2, 0.07),
    "G1": (0.7, 0.2),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Behaviour:
    """Share of users by window at grade 2 (1 is all), how it hangs on proneness, what being a girl adds, first age.

    `same_as` names the behaviour whose z it shares: who smokes daily smokes.
    """

    life: float
    year: float = 0.0
    month: float = 0.0
    loading: float = 0.7
    girls: float = 0.0
    first_age: float = 14.0
    same_as: str = ""


# ESPAD 2024, Italy: cigarettes lifetime 39, e-cigarettes 30 days 22, alcohol lifetime 80 and 30 days 42, cannabis
# lifetime 18 and 30 days 8.6, medicines 18 in life, gambling 12 months 45. The others are guesses of the same size.
BEHAVIOURS = {
    "cigarettes": Behaviour(life=0.39, year=0.31, month=0.22, loading=0.75, girls=0.1, first_age=13.9),
    "daily": Behaviour(life=0.12, first_age=15.0, same_as="cigarettes"),
    "vaping": Behaviour(life=0.45, year=0.33, month=0.22, loading=0.7, girls=0.12, first_age=14.0),
    "alcohol": Behaviour(life=0.80, year=0.70, month=0.42, loading=0.55, girls=0.04, first_age=13.6),
    "heavy": Behaviour(life=0.55, year=0.42, month=0.28, first_age=14.5, same_as="alcohol"),
    "drunk": Behaviour(life=0.38, year=0.30, month=0.12, loading=0.7, first_age=14.7),
    "cannabis": Behaviour(life=0.18, year=0.145, month=0.086, loading=0.75, girls=-0.12, first_age=15.0),
    "gambling": Behaviour(life=0.5, year=0.45, month=0.2, loading=0.35, girls=-0.5, first_age=13.9),
}
# Item to its behaviour and window, where the answer says how often.
OCCASIONS = {
    "B2": ("cigarettes", "month"), "B4": ("vaping", "month"), "C4": ("heavy", "month"), "G1": ("gambling", "year"),
    "B1": ("cigarettes", "life"), "C1": ("alcohol", "life"), "C2": ("alcohol", "year"), "C3": ("alcohol", "month"),
    "C5": ("drunk", "life"), "C6": ("drunk", "year"), "D1": ("cannabis", "life"), "D2": ("cannabis", "year"),
    "D3": ("cannabis", "month"),
}  # fmt: skip
FIRST_AGES = {
    "F1": "cigarettes", "F2": "vaping", "F3": "alcohol", "F4": "drunk", "F5": "cannabis", "F6": "daily",
    "F7": "gambling",
}  # fmt: skip
# Rare things: share who ever did, each a coin of its own that leans on proneness.
RARE = {
    "E1": 0.05, "E2a": 0.022, "E2b": 0.009, "E2c": 0.016, "E2d": 0.014, "E2e": 0.02, "E2f": 0.012, "E2g": 0.007,
    "E2h": 0.025, "E2i": 0.002, "E3a": 0.06, "E3b": 0.04, "E3c": 0.035, "E4": 0.05, "B5a": 0.12, "B5b": 0.07,
    "B5c": 0.06,
}  # fmt: skip
# Items with ordered answers: weights from the first option on, and how far proneness moves people to later ones.
ORDERED: dict[str, tuple[tuple[float, ...], float]] = {
    "A3": ((6, 18, 60, 13, 3), 0.0),
    "C7": ((14, 20, 26, 24, 12, 4), 0.0),
    "G2": ((62, 29, 9), 0.1),
    "H1": ((28, 16, 20, 22, 9, 5), 0.1), "H2": ((5, 13, 22, 28, 32), -0.1),
    "H3": ((3, 8, 19, 38, 21, 11), 0.15), "H4": ((12, 26, 25, 22, 15), -0.1),
    "K1a": ((4, 7, 14, 33, 34, 8), 0.3), "K1b": ((4, 7, 13, 33, 35, 8), 0.3), "K1c": ((2, 4, 9, 35, 45, 5), 0.3),
    "K1d": ((14, 15, 20, 22, 13, 16), 0.4), "K1e": ((18, 22, 22, 13, 6, 19), 0.2),
    "K2a": ((2, 6, 22, 66, 4), -0.25), "K2b": ((4, 15, 31, 44, 6), -0.25), "K2c": ((4, 14, 29, 48, 5), -0.3),
    "K2d": ((7, 20, 29, 37, 7), -0.5), "K2e": ((2, 6, 17, 69, 6), -0.35), "K2f": ((3, 9, 25, 57, 6), -0.2),
    "L2a": ((6, 17, 31, 24, 22), -0.4), "L2b": ((5, 12, 22, 22, 39), -0.5),
    "N1": ((4, 7, 15, 33, 41), -0.3), "N2": ((3, 6, 14, 34, 43), -0.3), "N3": ((18, 42, 24, 11, 5), 0.1),
    "N4": ((9, 35, 33, 15, 8), 0.2), "N5": ((24, 14, 37, 25), -0.1), "N6a": ((52, 24, 12, 7, 5), 0.5),
    "N6b": ((38, 26, 18, 11, 7), 0.5), "N6c": ((61, 18, 10, 6, 5), 0.5),
    "P1": ((58, 22, 13, 7), 0.0), "P2": ((14, 38, 29, 12, 7), 0.1),
    "Q1": ((76, 20, 3, 1), 0.1), "Q2": ((68, 23, 9), 0.0),
}  # fmt: skip
ADULTS = {"family": 0.72, "school": 0.19, "elsewhere": 0.24}
SERVICES = {
    "school_desk": 0.63,
    "family_clinic": 0.35,
    "addiction_service": 0.24,
    "child_line": 0.41,
    "drug_line": 0.12,
}
# What one thinks of ten people of one's age: mean of the estimate; people overestimate.
ESTIMATES = {"L1a": 5.2, "L1b": 6.6, "L1c": 3.6}


def class_effect(rng: Random, *, spread: float = CLASS_SPREAD) -> float:
    """Draw what the people of one class have in common, as a shift of z."""
    return rng.gauss(0, spread)


def simulate_answers(
    questionnaire: Questionnaire,
    rng: Random,
    *,
    grade: int,
    form: Form = Form.SENIOR,
    track: str | None = None,
    girls: float = 0.5,
    class_effect: float = 0.0,
    year_effect: float = 0.0,
    school_year: int = 2026,
) -> Answers:
    """Make one person's answers up.

    Args:
        questionnaire: whose items to answer; items this module does not know get any of their options.
        rng: decides everything: the same state gives the same answers.
        grade: 1 to 5 (senior) or 1 to 3 (junior).
        form: which form is filled in.
        track: liceo, tecnico or professionale; None for neither.
        girls: share of girls.
        class_effect: what `class_effect` drew for the class.
        year_effect: shift of all use on the logit scale, for a trend between years.
        school_year: first calendar year, for the year of birth.

    Returns:
        Answers as `rules.check_answers` gives them.
    """
    person = _Person(rng, form=form, grade=grade, track=track, girls=girls, school_year=school_year)
    person.shift += class_effect + year_effect * LOGISTIC_TO_NORMAL
    said: dict[str, str | list[str]] = {}
    for place, item in enumerate(questionnaire.items_for(form)):
        fate = rng.random()
        # People grow tired: the last item is left out twice as often as the first.
        left_out = SHARE_LEFT_OUT * (1 + place / len(questionnaire.items))
        if item.code == questionnaire.assent_item:
            said[item.code] = "no" if fate < SHARE_NO_ASSENT else questionnaire.assent_given
        elif fate < left_out:
            continue
        elif fate < left_out + SHARE_DECLINED:
            said[item.code] = DECLINED
        else:
            said[item.code] = person.answer(item)
    return check_answers(questionnaire, form, said)


class _Person:
    """One made-up person: proneness, shifts, and one z per behaviour, drawn when first asked for."""

    def __init__(
        self, rng: Random, *, form: Form, grade: int, track: str | None, girls: float, school_year: int
    ) -> None:
        self._rng = rng
        self._u = rng.gauss(0, 1)
        self._z: dict[str, float] = {}
        self._is_girl = rng.random() < girls
        self._is_careless = rng.random() < SHARE_CARELESS
        is_junior = form is Form.JUNIOR
        self.shift = GRADE_SHIFT * (grade - (3 if is_junior else 2)) + TRACK_SHIFT.get(track or "", 0.0)
        self.shift += JUNIOR_SHIFT if is_junior else 0.0
        repeats = rng.random() < (0.16 if track == "professionale" else 0.06)
        self._birth_year = school_year - (10 if is_junior else 13) - grade - repeats
        self._age = school_year - self._birth_year

    def answer(self, item: Item) -> str | list[str]:
        """Answer one item."""
        if self._is_careless and item.kind is Kind.SINGLE and self._rng.random() < 0.6:
            return item.options[-1].code if item.is_dummy else self._rng.choice(item.options).code
        if item.kind is Kind.MULTIPLE:
            return self._several(item)
        if item.kind is Kind.NUMBER:
            return self._number(item)
        return self._behaviour(item) or self._attitude(item)

    def _behaviour(self, item: Item) -> str | None:
        code = item.code
        if code == "A1":
            return "other" if self._rng.random() < 0.012 else "female" if self._is_girl else "male"
        if code in OCCASIONS:
            behaviour, window = OCCASIONS[code]
            return self._how_often(item, behaviour, window)
        if code in FIRST_AGES:
            return self._first_age(FIRST_AGES[code])
        if code in RARE:
            return self._rare(item, RARE[code])
        if code == "B3":
            kinds = self._rng.choices(("nicotine", "no_nicotine", "dk"), (62, 24, 14))
            return kinds[0] if self._tail("vaping", "life") else "never"
        return None

    def _attitude(self, item: Item) -> str:
        weights, lean = ORDERED.get(item.code) or ORDERED.get(item.group or "") or ((1,) * len(item.options), 0.0)
        point = NORMAL.cdf(self._rng.gauss(0, 1) * sqrt(1 - lean * lean) + lean * self._u) * sum(weights)
        for option, weight in zip(item.options, weights, strict=True):
            point -= weight
            if point <= 0:
                return option.code
        return item.options[-1].code

    def _several(self, item: Item) -> str | list[str]:
        shares = ADULTS if item.code == "M2" else SERVICES
        ticked = [option.code for option in item.options if self._rng.random() < shares.get(option.code, 0.0)]
        if self._is_careless:
            ticked += [option.code for option in item.options if option.is_dummy]
        return ticked or [option.code for option in item.options if option.is_exclusive]

    def _number(self, item: Item) -> str:
        if item.code == "A2":
            guess = self._birth_year
        else:
            guess = round(self._rng.gauss(ESTIMATES.get(item.code, 5.0) + 0.7 * self._u + 2 * self.shift, 1.9))
        return str(min(max(guess, item.minimum), item.maximum))

    def _rare(self, item: Item, share: float) -> str:
        z = 0.65 * self._u + sqrt(1 - 0.65**2) * self._rng.gauss(0, 1) + (0 if item.is_dummy else self.shift)
        tail = (1 - NORMAL.cdf(z)) / share
        if len(item.options) == 2:
            return "yes" if tail < 1 else "no"
        return self._pick(item, 0 if tail >= 1 else 1 if tail >= 0.4 else 2 + int((0.4 - tail) / 0.1))

    def _first_age(self, behaviour: str) -> str:
        used = self._tail(behaviour, "life") > 0
        if self._rng.random() < SHARE_WRONG_AGE:
            used = not used
        if not used:
            return "never"
        age = min(round(self._rng.gauss(BEHAVIOURS[behaviour].first_age, 1.5)), self._age)
        return "9-" if age <= 9 else "16+" if age >= 16 else str(age)

    def _how_often(self, item: Item, behaviour: str, window: str) -> str:
        """Give the item's first answer for no use in the window, a later one the heavier the use."""
        heaviness = self._tail(behaviour, window)
        if not heaviness:
            return self._pick(item, 0)
        shares = HOW_OFTEN_OF.get(item.code, HOW_OFTEN)
        for number, share in enumerate(shares, start=1):
            heaviness -= share
            if heaviness <= 0:
                return self._pick(item, number)
        return self._pick(item, len(shares) + 1)

    def _tail(self, behaviour: str, window: str) -> float:
        """Give 0 for no use in the window, else how heavy a user the person is among users, above 0 up to 1."""
        known = BEHAVIOURS[behaviour]
        key = known.same_as or behaviour
        if key not in self._z:
            base = BEHAVIOURS[key]
            own = sqrt(1 - base.loading**2) * self._rng.gauss(0, 1)
            self._z[key] = base.loading * self._u + own + (base.girls if self._is_girl else -base.girls) / 2
        share: float = getattr(known, window)
        beyond = (1 - NORMAL.cdf(self._z[key] + self.shift)) / share
        return max(1 - beyond, 1e-9) if beyond < 1 else 0.0

    def _pick(self, item: Item, place: int) -> str:
        return item.options[min(place, len(item.options) - 1)].code
