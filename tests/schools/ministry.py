"""Small files of the ministry, written by us: the columns as published, the schools made up."""

import csv
import gzip
import io
from collections.abc import Iterable, Mapping, Sequence

from prevention.network.models import Municipality
from tests.factories.network import make_municipality

STATE_COLUMNS = (
    "ANNOSCOLASTICO",
    "AREAGEOGRAFICA",
    "REGIONE",
    "PROVINCIA",
    "CODICEISTITUTORIFERIMENTO",
    "DENOMINAZIONEISTITUTORIFERIMENTO",
    "CODICESCUOLA",
    "DENOMINAZIONESCUOLA",
    "INDIRIZZOSCUOLA",
    "CAPSCUOLA",
    "CODICECOMUNESCUOLA",
    "DESCRIZIONECOMUNE",
    "DESCRIZIONECARATTERISTICASCUOLA",
    "DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA",
    "INDICAZIONESEDEDIRETTIVO",
    "INDICAZIONESEDEOMNICOMPRENSIVO",
    "INDIRIZZOEMAILSCUOLA",
    "INDIRIZZOPECSCUOLA",
    "SITOWEBSCUOLA",
    "SEDESCOLASTICA",
)
NON_STATE_COLUMNS = (
    "ANNOSCOLASTICO",
    "AREAGEOGRAFICA",
    "REGIONE",
    "PROVINCIA",
    "CODICESCUOLA",
    "DENOMINAZIONESCUOLA",
    "INDIRIZZOSCUOLA",
    "CAPSCUOLA",
    "CODICECOMUNESCUOLA",
    "DESCRIZIONECOMUNE",
    "DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA",
    "INDIRIZZOEMAILSCUOLA",
    "INDIRIZZOPECSCUOLA",
    "SITOWEBSCUOLA",
)
ENROLMENT_COLUMNS = ("ANNOSCOLASTICO", "CODICESCUOLA", "NUMEROSTUDENTI")

INSTITUTE = "CRIS001008"
LICEO = "CRPS00101E"
EVENING = "CRTD00151X"
ELSEWHERE = "MIPS010009"

_STATE_ROW = {
    "ANNOSCOLASTICO": "202526",
    "AREAGEOGRAFICA": "NORD OVEST",
    "REGIONE": "LOMBARDIA",
    "PROVINCIA": "CREMONA",
    "CODICEISTITUTORIFERIMENTO": INSTITUTE,
    "DENOMINAZIONEISTITUTORIFERIMENTO": '"P.PRIMO"',
    "CODICESCUOLA": LICEO,
    "DENOMINAZIONESCUOLA": 'LICEO "SECONDO", SEDE',
    "INDIRIZZOSCUOLA": "VIA PROVA 1",
    "CAPSCUOLA": "02610",
    "CODICECOMUNESCUOLA": "D150",
    "DESCRIZIONECOMUNE": "CREMONA",
    "DESCRIZIONECARATTERISTICASCUOLA": "NORMALE",
    "DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA": "LICEO SCIENTIFICO",
    "INDICAZIONESEDEDIRETTIVO": "NO",
    "INDICAZIONESEDEOMNICOMPRENSIVO": "Non Disponibile",
    "INDIRIZZOEMAILSCUOLA": "CRIS001008@example.org",
    "INDIRIZZOPECSCUOLA": "Non Disponibile",
    "SITOWEBSCUOLA": "https//www.primo.example.org/",
    "SEDESCOLASTICA": "NO",
}
_NON_STATE_ROW = {
    **{name: value for name, value in _STATE_ROW.items() if name in NON_STATE_COLUMNS},
    "ANNOSCOLASTICO": "202324",
    "CODICESCUOLA": "CR1A00100X",
    "DENOMINAZIONESCUOLA": "ASILO PROVA",
    "DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA": "SCUOLA INFANZIA NON STATALE",
}

Row = Mapping[str, str]


def state_row(code: str = LICEO, **values: str) -> dict[str, str]:
    """Write a row of the state register."""
    return {**_STATE_ROW, "CODICESCUOLA": code, **values}


def institute_row(code: str = INSTITUTE, **values: str) -> dict[str, str]:
    """Write the row of an institute of several sites."""
    return state_row(
        code,
        **{
            "DENOMINAZIONESCUOLA": '"P.PRIMO"',
            "CODICEISTITUTORIFERIMENTO": code,
            "DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA": "ISTITUTO SUPERIORE",
            "INDICAZIONESEDEDIRETTIVO": "SI",
            **values,
        },
    )


def evening_row(**values: str) -> dict[str, str]:
    """Write the row of an evening course."""
    return state_row(
        EVENING,
        DENOMINAZIONESCUOLA="Non Disponibile",
        DESCRIZIONECARATTERISTICASCUOLA="PERCORSO II LIVELLO",
        DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA="ISTITUTO TECNICO COMMERCIALE",
        **values,
    )


def milan_row(**values: str) -> dict[str, str]:
    """Write a row of another province."""
    return institute_row(
        ELSEWHERE,
        **{
            "PROVINCIA": "MILANO",
            "CODICECOMUNESCUOLA": "F205",
            "DESCRIZIONECOMUNE": "MILANO",
            "DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA": "LICEO SCIENTIFICO",
            **values,
        },
    )


def district_rows() -> list[dict[str, str]]:
    """Write a small register: an institute with a liceo and an evening course, and a school elsewhere."""
    return [institute_row(), state_row(), evening_row(), milan_row()]


def non_state_row(code: str = "CR1A00100X", **values: str) -> dict[str, str]:
    """Write a row of the register of non-state schools."""
    return {**_NON_STATE_ROW, "CODICESCUOLA": code, **values}


def enrolment_row(code: str = LICEO, year: str = "202425", pupils: str = "120") -> dict[str, str]:
    """Write a row of pupils per school."""
    return {"ANNOSCOLASTICO": year, "CODICESCUOLA": code, "NUMEROSTUDENTI": pupils}


def written(
    rows: Iterable[Row],
    columns: Sequence[str] = STATE_COLUMNS,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> bytes:
    """Write rows as the ministry does: quotes where needed, carriage return and line feed."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, delimiter=delimiter, lineterminator="\r\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def state_file(rows: Iterable[Row] | None = None) -> io.BytesIO:
    """Write a register of state schools."""
    return io.BytesIO(written(district_rows() if rows is None else rows))


def non_state_file(rows: Iterable[Row] | None = None) -> io.BytesIO:
    """Write a register of non-state schools."""
    return io.BytesIO(written([non_state_row()] if rows is None else rows, NON_STATE_COLUMNS))


def enrolment_file(rows: Iterable[Row] | None = None) -> io.BytesIO:
    """Write pupils per school."""
    return io.BytesIO(written([enrolment_row()] if rows is None else rows, ENROLMENT_COLUMNS))


def packed(content: bytes) -> io.BytesIO:
    """Pack a file with gzip."""
    return io.BytesIO(gzip.compress(content, mtime=0))


def make_cremona() -> Municipality:
    """Make the municipality of Cremona."""
    return make_municipality(istat_code="019036", cadastral_code="D150", name="Cremona")
