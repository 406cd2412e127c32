"""The words of groups, in the languages that published tables carry. Pure."""

from collections.abc import Mapping
from functools import reduce

from prevention.core.i18n import Localised
from prevention.indicators.crossings import key_of
from prevention.indicators.domains import NO_TRACK, Key
from prevention.indicators.published import Dimension

LEVELS = {
    "primo_grado": Localised(it="Secondaria di I grado", en="Lower secondary"),
    "secondo_grado": Localised(it="Secondaria di II grado", en="Upper secondary"),
}
TRACKS = {
    "liceo": Localised(it="Licei", en="Licei (academic)"),
    "tecnico": Localised(it="Istituti tecnici", en="Technical schools"),
    "professionale": Localised(it="Istituti professionali", en="Vocational schools"),
    NO_TRACK: Localised(it="Altri indirizzi", en="Other tracks"),
}
SEXES = {
    "female": Localised(it="Ragazze", en="Girls"),
    "male": Localised(it="Ragazzi", en="Boys"),
    "other": Localised(it="In altro modo o non detto", en="In another way, or not said"),
}
METHOD = Localised(
    it=(
        "Intervalli di confidenza al 95 %: linearizzazione di Taylor sui totali di classe, scala logit, t di Student "
        "con tanti gradi di libertà quante sono le classi meno una, e con meno di 40 classi con quelli, minori, di "
        "Satterthwaite; mai più stretti di quelli di un campione casuale semplice."
    ),
    en=(
        "95 % confidence intervals: Taylor linearisation on class totals, logit scale, Student's t with as many "
        "degrees of freedom as there are classes less one, or with Satterthwaite's, which are fewer, below 40 classes; "
        "never narrower than those of a simple random sample."
    ),
)
ALL = Localised(it="Tutti", en="All")
_GRADES = {
    1: ("prime", "1st year"),
    2: ("seconde", "2nd year"),
    3: ("terze", "3rd year"),
    4: ("quarte", "4th year"),
    5: ("quinte", "5th year"),
}


def label_of(key: Key, *, levels: tuple[str, ...], places: Mapping[str, str]) -> Localised:
    """Name a group.

    Args:
        key: the group.
        levels: the levels that took part; a grade and the total are told apart by them.
        places: code of a school or municipality to its name.
    """
    dimension, domain = key
    match dimension:
        case Dimension.SEX:
            return SEXES[domain]
        case Dimension.SEX_GRADE:
            sex, _, grade_domain = domain.partition(":")
            return _joined(SEXES[sex], label_of((Dimension.GRADE, grade_domain), levels=levels, places=places))
        case Dimension.CUBE:
            return _crossing(domain, levels=levels)
        case Dimension.LEVEL:
            return LEVELS[domain]
        case Dimension.TRACK:
            return TRACKS[domain]
        case Dimension.GRADE:
            level, _, number = domain.rpartition("-")
            grade = Localised(it=f"Classi {_GRADES[int(number)][0]}", en=_GRADES[int(number)][1])
            return _joined(grade, LEVELS[level]) if len(levels) > 1 else grade
        case Dimension.SCHOOL | Dimension.MUNICIPALITY:
            name = places.get(domain, domain)
            return Localised(it=name, en=name)
        case Dimension.ALL:
            return ALL if len(levels) > 1 else _joined(ALL, LEVELS[levels[0]])


def _crossing(domain: str, *, levels: tuple[str, ...]) -> Localised:
    sex, grade, track = key_of(domain)
    parts = [SEXES[sex]] if sex else []
    parts += [label_of((Dimension.GRADE, grade), levels=levels, places={})] if grade else []
    parts += [TRACKS[track]] if track else []
    return reduce(_joined, parts)


def _joined(one: Localised, other: Localised) -> Localised:
    return Localised(
        {language: f"{one[language]}, {other[language][0].lower()}{other[language][1:]}" for language in one}
    )
