"""Papers for families in languages that an office adds: when complete and approved, in letters of our own fonts."""

import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest
from flask import Flask

from prevention.accounts.models import User
from prevention.core.languages import OFFERED_LANGUAGES, direction_of
from prevention.core.pdf import SCRIPT_FONTS
from prevention.core.translation_files import Format, write_translation
from prevention.reports import papers
from prevention.reports.consistency import Papers
from prevention.reports.figures import OfficeTexts, YearFigures, collect
from prevention.reports.papers import Kind, NoSuchPaper, Paper
from prevention.reports.translated import PAPERS, PaperWords, Wording
from prevention.surveys.translating import subject_of
from tests.conftest import NOW
from tests.factories.reports import make_figures
from tests.support.http import Client
from tests.support.verapdf import VeraResult

SignIn = Callable[[User], Client]

# A sentence of each language with the letters that its neighbours do not have.
SENTENCES = {
    "ro": "Școala ține legătura cu familia și îi dă sfaturi",
    "ar": "المدرسة والعائلة تتحدثان معًا",
    "pa": "ਸਕੂਲ ਅਤੇ ਪਰਿਵਾਰ ਇਕੱਠੇ ਗੱਲ ਕਰਦੇ ਹਨ",
    "sq": "Shkolla dhe familja flasin së bashku për çdo gjë",
    "fr": "L'école et la famille en parlent à cœur ouvert",
    "uk": "Школа та родина говорять про це, її ґрунт",
    "zh": "学校和家庭一起谈论这件事",
}
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def words_in(language: str, **changes: str) -> PaperWords:
    """Give made-up words for everything that the papers say."""
    texts = {
        message: " ".join([SENTENCES[language], *PLACEHOLDER.findall(message)])
        for message in PAPERS.messages().values()
    }
    return PaperWords(
        language=language, words=tuple(Wording(message=one, text=text) for one, text in (texts | changes).items())
    )


def make_year(*languages: str) -> YearFigures:
    """Give a year whose papers speak more languages."""
    return make_figures(words=tuple(words_in(language) for language in languages))


def leaf(language: str) -> Paper:
    """Name the leaf for parents in a language."""
    return Paper(kind=Kind.PARENTS, language=language)


def fonts_of(pdf: bytes) -> set[str]:
    """Give the families of the fonts of a PDF, all of which must be inside it."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        found = set()
        for one in opened.objects:
            if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/FontDescriptor":
                assert any(name in one for name in ("/FontFile", "/FontFile2", "/FontFile3")), str(one)
                found.add(re.sub(r"^/?[A-Z]{6}\+|-(Semi-)?Bold|-Italic", "", str(one["/FontName"])))
        return found


def test_every_language_offered_has_a_sentence_here() -> None:
    assert set(OFFERED_LANGUAGES) == {"it", "en", *SENTENCES}


@pytest.mark.parametrize("language", ["ar", "pa", "uk", "zh", "ro"])
def test_a_leaf_in_any_script_is_accessible_archivable_and_in_our_own_letters(
    verapdf: Callable[[bytes], list[VeraResult]], words_app: Flask, language: str
) -> None:
    figures = make_year(language)

    page = papers.page(figures, leaf(language))
    pdf = papers.document(figures, page)

    assert f'<html lang="{language}" dir="{direction_of(language)}">' in page.html
    assert SENTENCES[language] in page.html
    # A font of the machine would come under its own name.
    assert {"Titillium-Web", *(["Paper-Script"] if language in SCRIPT_FONTS else [])} == fonts_of(pdf)
    results = verapdf(pdf)
    assert all(result.passed for result in results), "\n".join(map(str, results))


def test_a_leaf_is_made_in_no_language_that_lacks_a_word(words_app: Flask) -> None:
    figures = make_figures(words=(words_in("ro", **{"For mums and dads": ""}), words_in("fr")))

    found = papers.papers_of(figures)

    assert {"it", "en", "fr"} == {one.language for one in found if one.kind in (Kind.PARENTS, Kind.NORMS)}
    assert {"it", "en"} == {one.language for one in found if one.kind not in (Kind.PARENTS, Kind.NORMS)}
    assert [] == list(papers.papers_of(figures, languages=("ro",)))
    for paper in (leaf("ro"), leaf("uk"), Paper(kind=Kind.ANNEX, language="fr")):
        with pytest.raises(NoSuchPaper):
            papers.page(figures, paper)


def test_figures_are_the_same_in_every_language_and_travel_with_the_words(words_app: Flask) -> None:
    figures = make_year("fr", "zh")
    compared = Papers()

    for paper in papers.papers_of(figures):
        if paper.kind is Kind.PARENTS:
            page = papers.page(figures, paper)
            compared.take_in(page)
            assert ">312<" in page.html
    assert () == compared.disagreements()
    assert figures == YearFigures.from_json(figures.to_json())
    assert figures.identifier != replace(figures, words=()).identifier


@pytest.mark.parametrize("kind", [Kind.PARENTS, Kind.NORMS])
def test_what_a_translator_writes_is_words_and_no_mark_up(words_app: Flask, kind: Kind) -> None:
    bad = '</style><b>"'
    changes = {message: bad + " ".join(PLACEHOLDER.findall(message)) for message in PAPERS.messages().values()}
    figures = make_figures(words=(words_in("fr", **changes),))

    html = papers.page(figures, Paper(kind=kind, language="fr")).html

    assert "<b>" not in html
    assert 1 == html.count("</style>")
    assert r"\00003c \00002f style\00003e \00003c b\00003e \000022 " in html.split("</style>")[0]
    assert "&lt;/style&gt;&lt;b&gt;&#34;" in html.split("<body")[1]


def filled(language: str, **changes: str) -> dict[str, object]:
    """Give the upload of a translator who filled in every text."""
    subject = subject_of(PAPERS.key)
    texts = {unit: f"{text} §" for unit, text in subject.italian.items()} | changes
    content = write_translation(subject.work(language), texts, kind=Format.CSV)
    return {"file": (BytesIO(content), f"{language}.csv")}


def test_an_office_has_the_leaf_translated(app: Flask, sign_in: SignIn, anna: User, bruno: User) -> None:
    browser, address = sign_in(anna), f"/surveys/translations/{PAPERS.key}/ro"
    (unit,) = (unit for unit, message in PAPERS.messages().items() if message.startswith("This year %(meetings)s"))

    broken = browser.post(address, data=filled("ro", **{unit: "Anul acesta au fost %(pupils)s elevi."}))
    assert 422 == broken.status_code
    assert unit in broken.get_data(as_text=True)
    assert {} == PAPERS.texts("ro")
    assert 303 == browser.post(address, data=filled("ro", **{unit: ""})).status_code
    assert 422 == browser.post(f"{address}/approval", data={"approved": "yes"}).status_code
    assert 303 == browser.post(address, data=filled("ro")).status_code
    assert () == collect(2026, today=NOW.date()).words, "nobody approved it"
    assert 303 == browser.post(f"{address}/approval", data={"approved": "yes"}).status_code

    page = browser.page("/surveys/translations")
    assert "Papers for families and pupils" in page.get_text()
    assert "no index is checked" in browser.page(address).get_text().lower()
    figures = collect(2026, today=NOW.date())
    assert leaf("ro") in papers.papers_of(figures)
    assert "Per mamme e papà §" in papers.page(figures, leaf("ro")).html
    assert 403 == sign_in(bruno).post(address, data=filled("ro")).status_code


def test_what_the_office_wrote_in_italian_only_is_marked_as_that(words_app: Flask) -> None:
    italian = OfficeTexts(language="it", conclusions="Si continua.", plan="Più classi.", changes="Un numero corretto.")
    english = OfficeTexts(language="en", conclusions="We carry on.")
    figures = make_figures(texts=(italian, english))

    html = papers.page(figures, Paper(kind=Kind.IMPACT, language="en")).html

    assert "We carry on." in html
    assert "Si continua." not in html
    for words in ("Più classi.", "Un numero corretto."):
        before, _after = html.split(words)
        assert before.rstrip().removesuffix("<p>").endswith('<div lang="it">'), before[-80:]
    assert 2 == html.count("The office wrote this in Italian only.")
    assert "solo in italiano" not in papers.page(figures, Paper(kind=Kind.IMPACT, language="it")).html
