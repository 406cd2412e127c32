"""Describes the datasets for catalogues of open data: DCAT-AP_IT 1.1, as JSON-LD. Pure.

The Italian profile of DCAT-AP (AgID, "Linee guida per i cataloghi dati", read 2026-11-22): classes ``dcatapit:`` beside
``dcat:``, titles in both languages, and terms of the EU's and of Italy's controlled vocabularies. A catalogue is
harvested from the address of this document.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from prevention.core.i18n import Localised
from prevention.opendata.rules import year_slug
from prevention.opendata.service import Dataset
from prevention.schools.rules import school_year_label

LICENCE = "https://w3id.org/italia/controlled-vocabulary/licences/A21_CCBY40"
LICENCE_TEXT = "https://creativecommons.org/licenses/by/4.0/"
_EU = "http://publications.europa.eu/resource/authority"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatapit": "http://dati.gov.it/onto/dcatapit#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_MEDIA_TYPES = {"CSV": "text/csv", "JSON": "application/json"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where the catalogue stands and who answers for it: `base` is the address of the site without a slash."""

    base: str
    district: str
    contact: str
    is_made_up: bool

    @property
    def home(self) -> str:
        """The address of the page of the catalogue."""
        return f"{self.base}/opendata/"

    @property
    def publisher(self) -> Localised:
        """The name of the office that publishes."""
        return Localised(
            it=f"Ufficio per la prevenzione nelle scuole, {self.district}",
            en=f"Education office, {self.district}",
        )


def title_of(school_year: int, place: Place) -> Localised:
    """Name the dataset of a school year; one of a demonstration says so."""
    label = school_year_label(school_year)
    return Localised(
        it=f"Prevenzione a scuola, {place.district}: indicatori {label}" + (" (dati dimostrativi)" * place.is_made_up),
        en=f"Prevention at school, {place.district}: indicators {label}" + (" (made-up data)" * place.is_made_up),
    )


def catalogue_of(datasets: Sequence[Dataset], place: Place) -> dict[str, Any]:
    """Describe the catalogue and all its datasets. An empty one has no dates."""
    catalogue = {
        "@id": f"{place.home}#catalog",
        "@type": ["dcatapit:Catalog", "dcat:Catalog"],
        "dct:title": _texts(
            it=f"Dati aperti della prevenzione a scuola, {place.district}",
            en=f"Open data of prevention at school, {place.district}",
        ),
        "dct:description": _texts(
            it="Indicatori delle rilevazioni anonime fra gli studenti: stime con intervallo, gruppi piccoli protetti.",
            en="Indicators of anonymous surveys among pupils: estimates with intervals, small groups protected.",
        ),
        "dct:publisher": _publisher(place),
        "dct:language": _languages(),
        "dct:license": _licence(),
        "dcat:themeTaxonomy": {"@id": f"{_EU}/data-theme"},
        "foaf:homepage": {"@id": place.home},
        "dcat:dataset": [_dataset(one, place) for one in datasets],
    }
    if datasets:
        catalogue["dct:issued"] = _date(min(one.issued for one in datasets))
        catalogue["dct:modified"] = _date(max(one.modified for one in datasets))
    return {"@context": CONTEXT, "@graph": [catalogue]}


def _dataset(dataset: Dataset, place: Place) -> dict[str, Any]:
    slug, year = year_slug(dataset.school_year), dataset.school_year
    surveys = ", ".join(survey.wave_name for survey in dataset.surveys)
    return {
        "@id": f"{place.home}#figures-{slug}",
        "@type": ["dcatapit:Dataset", "dcat:Dataset"],
        "dct:identifier": f"figures-{slug}",
        "dct:title": _texts(**title_of(year, place)),
        "dct:description": _texts(
            it="Quota di studenti delle scuole secondarie per indicatore, sesso, livello, classe e indirizzo, con "
            f"intervallo al 95 %. Rilevazioni: {surveys}.",
            en="Share of secondary school pupils by indicator, sex, level, grade and track, with 95 % interval. "
            f"Surveys: {surveys}.",
        ),
        "dct:issued": _date(dataset.issued),
        "dct:modified": _date(dataset.modified),
        "dcat:theme": {"@id": f"{_EU}/data-theme/HEAL"},
        "dct:accrualPeriodicity": {"@id": f"{_EU}/frequency/ANNUAL"},
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcatapit:startDate": _date(date(year, 9, 1)),
            "dcatapit:endDate": _date(date(year + 1, 8, 31)),
        },
        "dct:publisher": {"@id": f"{place.home}#publisher"},
        "dct:rightsHolder": {"@id": f"{place.home}#publisher"},
        "dct:language": _languages(),
        "dcat:keyword": [{"@language": "it", "@value": "prevenzione"}, {"@language": "en", "@value": "prevention"}],
        "dcat:contactPoint": {
            "@id": f"{place.home}#contact",
            "@type": ["dcatapit:Organization", "vcard:Organization", "vcard:Kind"],
            "vcard:fn": place.publisher.text("it"),
            "vcard:hasEmail": {"@id": f"mailto:{place.contact}"},
        },
        "dcat:landingPage": {"@id": place.home},
        "dcat:distribution": [_distribution(dataset, file_type, place) for file_type in _MEDIA_TYPES],
    }


def _distribution(dataset: Dataset, file_type: str, place: Place) -> dict[str, Any]:
    slug = year_slug(dataset.school_year)
    address = f"{place.home}{slug}/figures.{file_type.lower()}"
    title = title_of(dataset.school_year, place)
    return {
        "@id": f"{place.home}#figures-{slug}-{file_type.lower()}",
        "@type": ["dcatapit:Distribution", "dcat:Distribution"],
        "dct:title": _texts(it=f"{title['it']} ({file_type})", en=f"{title['en']} ({file_type})"),
        "dct:format": {"@id": f"{_EU}/file-type/{file_type}"},
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{_MEDIA_TYPES[file_type]}"},
        "dcat:accessURL": {"@id": address},
        "dcat:downloadURL": {"@id": address},
        "dct:license": _licence(),
        "dct:issued": _date(dataset.issued),
        "dct:modified": _date(dataset.modified),
    }


def _publisher(place: Place) -> dict[str, Any]:
    return {
        "@id": f"{place.home}#publisher",
        "@type": ["dcatapit:Agent", "foaf:Agent"],
        # The profile wants the office's code in the index of public bodies (IPA) where it has one.
        "dct:identifier": place.base.partition("://")[2],
        "foaf:name": _texts(**place.publisher),
    }


def _licence() -> dict[str, Any]:
    return {
        "@id": LICENCE,
        "@type": ["dcatapit:LicenseDocument", "dct:LicenseDocument"],
        "dct:type": {"@id": "http://purl.org/adms/licencetype/Attribution"},
        "foaf:name": "CC BY 4.0",
        "foaf:page": {"@id": LICENCE_TEXT},
        "owl:versionInfo": "4.0",
    }


def _languages() -> list[dict[str, str]]:
    return [{"@id": f"{_EU}/language/{code}"} for code in ("ITA", "ENG")]


def _texts(**texts: str) -> list[dict[str, str]]:
    return [{"@language": language, "@value": text} for language, text in texts.items()]


def _date(day: date) -> dict[str, str]:
    return {"@type": "xsd:date", "@value": day.isoformat()}
