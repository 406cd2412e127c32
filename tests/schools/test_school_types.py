"""Every type of school in the ministry's files has its level, and upper secondary schools their track."""

import pytest

from prevention.schools.rules import Level, Track
from prevention.schools.school_types import is_non_state_type, level_of, track_of


@pytest.mark.parametrize(
    ("type_description", "level", "track"),
    [
        ("SCUOLA INFANZIA", Level.INFANZIA, None),
        ("SCUOLA PRIMARIA NON STATALE", Level.PRIMARIA, None),
        ("SCUOLA PRIMO GRADO", Level.PRIMO_GRADO, None),
        ("SCUOLA SEC. PRIMO GRADO NON STATALE", Level.PRIMO_GRADO, None),
        ("LICEO CLASSICO", Level.SECONDO_GRADO, Track.LICEO),
        ("ISTITUTO MAGISTRALE", Level.SECONDO_GRADO, Track.LICEO),
        ("ISTITUTO D'ARTE", Level.SECONDO_GRADO, Track.LICEO),
        ("ISTITUTO TECNICO COMMERCIALE", Level.SECONDO_GRADO, Track.TECNICO),
        ("IST TECNICO ECONOMICO E TECNOLOGICO", Level.SECONDO_GRADO, Track.TECNICO),
        ("IST PROF PER I SERVIZI SOCIALI", Level.SECONDO_GRADO, Track.PROFESSIONALE),
        ("IST PROF FOR WHAT COMES NEXT", Level.SECONDO_GRADO, Track.PROFESSIONALE),
        ("ISTITUTO COMPRENSIVO", Level.ISTITUTO, None),
        ("ISTITUTO SUPERIORE", Level.ISTITUTO, None),
        ("CONVITTO NAZIONALE", Level.ISTITUTO, None),
        ("CENTRO TERRITORIALE", Level.ADULTI, None),
    ],
)
def test_a_type_tells_level_and_track(type_description: str, level: Level, track: Track | None) -> None:
    found = level_of(type_description, "NORMALE")

    assert level == found
    assert track == track_of(found, type_description=type_description, code="CRXX000000")


@pytest.mark.parametrize("characteristic", ["PERCORSO II LIVELLO", "SPEC. PER CARCERARI", "CPIA"])
def test_a_site_that_teaches_adults_is_no_school_of_adolescents(characteristic: str) -> None:
    level = level_of("ISTITUTO TECNICO COMMERCIALE", characteristic)

    assert Level.ADULTI == level
    assert track_of(level, type_description="ISTITUTO TECNICO COMMERCIALE", code="CRTD000000") is None


def test_a_hospital_section_keeps_the_level_of_its_pupils() -> None:
    assert Level.PRIMARIA == level_of("SCUOLA PRIMARIA", "C/O IST. OSPEDALIERO")


@pytest.mark.parametrize(
    ("code", "track"),
    [
        ("CRPS000000", Track.LICEO),
        ("CRSL000000", Track.LICEO),
        ("CRTF000000", Track.TECNICO),
        ("CRRH000000", Track.PROFESSIONALE),
        ("CRXX000000", None),
    ],
)
def test_the_code_tells_the_track_of_a_non_state_school(code: str, track: Track | None) -> None:
    non_state = "SCUOLA SEC. SECONDO GRADO NON STATALE"

    assert track == track_of(Level.SECONDO_GRADO, type_description=non_state, code=code)


def test_a_type_that_is_not_known_has_no_level() -> None:
    assert level_of("ACCADEMIA DI DANZA", "NORMALE") is None


def test_non_state_types_say_so() -> None:
    assert [True, False] == [is_non_state_type(name) for name in ("SCUOLA INFANZIA NON STATALE", "SCUOLA INFANZIA")]
