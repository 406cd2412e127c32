"""What the ministry's types of school mean here: level and track. Pure.

Source: the 40 types and 21 characteristics in the register of state schools 2025/26 and the 4 types of the non-state
register 2023/24 (MIM open data), read row by row. *Istituti d'arte* and *istituti magistrali* have been licei since
the reform of upper secondary school (DPR 89/2010, art. 13), their old names live on in the file.
"""

from functools import cache

from prevention.schools.rules import Level, Track

_NON_STATE_SUFFIX = " NON STATALE"

_LEVELS = {
    "SCUOLA INFANZIA": Level.INFANZIA,
    "SCUOLA PRIMARIA": Level.PRIMARIA,
    "SCUOLA PRIMO GRADO": Level.PRIMO_GRADO,
    "SCUOLA SEC. PRIMO GRADO": Level.PRIMO_GRADO,
    "SCUOLA SEC. SECONDO GRADO": Level.SECONDO_GRADO,
    "ISTITUTO COMPRENSIVO": Level.ISTITUTO,
    "ISTITUTO SUPERIORE": Level.ISTITUTO,
    # Boarding houses: they have a head and an address, their boarders are pupils of the schools beside them.
    "CONVITTO ANNESSO": Level.ISTITUTO,
    "CONVITTO NAZIONALE": Level.ISTITUTO,
    "EDUCANDATO": Level.ISTITUTO,
    "CENTRO TERRITORIALE": Level.ADULTI,
}

_TRACK_FAMILIES = (
    ("LICEO", Track.LICEO),
    ("ISTITUTO MAGISTRALE", Track.LICEO),
    ("SCUOLA MAGISTRALE", Track.LICEO),
    ("ISTITUTO D'ARTE", Track.LICEO),
    ("ISTITUTO TECNICO", Track.TECNICO),
    ("IST TEC", Track.TECNICO),
    ("IST PROF", Track.PROFESSIONALE),
)

# Characteristics of sites whose pupils are adults: evening courses, prison sections, adult-education centres.
_ADULT_CHARACTERISTICS = frozenset({"PERCORSO II LIVELLO", "SPEC. PER CARCERARI", "CPIA"})

# Third letter of the code of an upper secondary school. In the state register it agrees with the type in every row;
# non-state schools have one type for all tracks, so there the code tells.
_TRACK_LETTERS = {
    "P": Track.LICEO,
    "S": Track.LICEO,
    "T": Track.TECNICO,
    "R": Track.PROFESSIONALE,
}


def is_non_state_type(type_description: str) -> bool:
    """Say whether a type belongs to the register of non-state schools."""
    return type_description.endswith(_NON_STATE_SUFFIX)


@cache
def level_of(type_description: str, characteristic: str) -> Level | None:
    """Give the level of a site, or None for a type that is not known.

    Args:
        type_description: DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA.
        characteristic: DESCRIZIONECARATTERISTICASCUOLA; empty for non-state schools.
    """
    level = _LEVELS.get(type_description.removesuffix(_NON_STATE_SUFFIX))
    if level is None and _family_of(type_description) is not None:
        level = Level.SECONDO_GRADO
    if level is not None and characteristic in _ADULT_CHARACTERISTICS:
        return Level.ADULTI
    return level


def track_of(level: Level, *, type_description: str, code: str) -> Track | None:
    """Give the track of an upper secondary site, from its type or, for want of that, its code; else None."""
    if level is not Level.SECONDO_GRADO:
        return None
    return _family_of(type_description) or _TRACK_LETTERS.get(code[2])


@cache
def _family_of(type_description: str) -> Track | None:
    return next(
        (track for start, track in _TRACK_FAMILIES if type_description.startswith(start)),
        None,
    )
