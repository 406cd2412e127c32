"""What every chart keeps to: a sentence, an interval, words beside each mark, nothing cut."""

import re
from xml.etree import ElementTree as ET

import altair as alt
import pytest
from fontTools.ttLib import TTFont  # publishes no types
from hypothesis import given, settings
from hypothesis import strategies as st

from prevention.core.pdf import FONT_FOLDER
from prevention.reports import charts
from prevention.reports.charts import (
    AXIS_ENDS,
    BAR_LABEL_PX,
    FONT_PX,
    LABEL_PX,
    VALUE_PX,
    WIDTH_PX,
    BarRow,
    Estimate,
    IntervalRow,
    bar_chart,
    interval_chart,
    wrapped,
)

SVG = "{http://www.w3.org/2000/svg}"
LONG = "Cinque o più bevande alcoliche in una sola occasione, almeno una volta negli ultimi trenta giorni"


def make_row(label: str = "Sigarette", *shares: float | None, half: float = 0.04) -> IntervalRow:
    """Give a row with one estimate per share; None is one that is not shown."""
    shares = shares or (0.18,)
    return IntervalRow(
        label=label,
        estimates=tuple(
            None if share is None else Estimate(share=share, low=share - half, high=share + half) for share in shares
        ),
        words=tuple("not shown" if share is None else f"{share:.0%}" for share in shares),
    )


def draw(*rows: IntervalRow, series: tuple[str, ...] = ("2026/27",), sentence: str = "Una frase.") -> ET.Element:
    """Draw an interval chart and parse it."""
    return ET.fromstring(interval_chart(rows, series=series, sentence=sentence, axis="su 100"))


def texts(svg: ET.Element) -> list[str]:
    """Give all words of a chart, in order."""
    return ["".join(element.itertext()) for element in svg.iter(f"{SVG}text")]


def paths(svg: ET.Element, stroke: str) -> list[ET.Element]:
    """Give everything drawn with a stroke of this colour."""
    return [element for element in svg.iter() if element.get("stroke") == stroke]


def test_the_sentence_is_the_first_child_and_the_chart_is_one_picture() -> None:
    svg = draw(make_row(), sentence="Uno & due < tre:\n  una frase.")

    assert f"{SVG}title" == svg[0].tag
    assert "Uno & due < tre: una frase." == svg[0].text
    assert "img" == svg.get("role")
    assert not [element for element in svg.iter() if any(name.startswith("aria-") for name in element.attrib)]


def test_each_estimate_has_its_interval_and_its_words() -> None:
    svg = draw(make_row("Sigarette", 0.18, 0.21), make_row("Alcol", 0.4, None), series=("ora", "prima"))

    lines = [element for element in svg.iter(f"{SVG}line") if element.get("stroke-linecap") == "round"]
    assert 3 == len(lines)
    for words in ("18%", "21%", "40%", "not shown"):
        assert words in texts(svg)


def test_the_ends_of_an_interval_are_where_the_axis_says() -> None:
    svg = draw(make_row("Sigarette", 0.2, half=0.05))

    (line,) = [element for element in svg.iter(f"{SVG}line") if element.get("stroke-linecap") == "round"]
    start = float(re.findall(r"translate\(([-\d.]+)", line.get("transform", ""))[0])
    ticks = {
        text.text: float(re.findall(r"translate\(([-\d.]+)", text.get("transform", ""))[0])
        for text in svg.iter(f"{SVG}text")
        if text.text in ("15", "25")
    }
    assert start == pytest.approx(ticks["15"], abs=1)
    assert start + float(line.get("x2", "0")) == pytest.approx(ticks["25"], abs=1)


def test_two_series_differ_in_shape_and_fill_not_only_in_colour() -> None:
    svg = draw(make_row("Sigarette", 0.18, 0.21), series=("2026/27", "2025/26"))

    now, before = paths(svg, "#004080"), paths(svg, "#b45309")
    marks_now = {(element.get("fill"), element.get("d")) for element in now if element.get("d")}
    marks_before = {(element.get("fill"), element.get("d")) for element in before if element.get("d")}
    assert {"#004080"} == {fill for fill, _shape in marks_now}
    assert {"#ffffff"} == {fill for fill, _shape in marks_before}
    assert not {shape for _fill, shape in marks_now} & {shape for _fill, shape in marks_before}
    assert {"2026/27", "2025/26"} <= set(texts(svg))


@pytest.mark.parametrize("label", [LONG, 'ISTITUTO D\'ISTRUZIONE SUPERIORE "GIUSEPPE TORRIANI" CON SEZIONE ASSOCIATA'])
def test_a_long_label_wraps_and_loses_nothing(label: str) -> None:
    lines = [text for text in texts(draw(make_row(label))) if text in label]

    assert label.split() == " ".join(lines).split()
    assert 1 < len(lines)


@pytest.mark.parametrize(
    "label",
    [
        LONG,
        'ISTITUTO D\'ISTRUZIONE SUPERIORE "GIUSEPPE TORRIANI" CON SEZIONE ASSOCIATA IPSIA "ALA PONZONE CIMINO"',
        "SCUOLA SECONDARIA DI PRIMO GRADO MARCO GEROLAMO VIDA DI CREMONA",
        "Conosce almeno un servizio di aiuto gratuito del proprio territorio",
    ],
)
@pytest.mark.parametrize("room_px", [LABEL_PX, BAR_LABEL_PX])
def test_every_line_of_a_label_fits_beside_the_plot(label: str, room_px: int) -> None:
    """Measured with the font itself; the code goes by the number of letters."""
    if not FONT_FOLDER.is_dir():
        pytest.skip("the assets are not built")
    font = TTFont(FONT_FOLDER / "titillium-web-400.woff2")
    letters, widths = font.getBestCmap(), font["hmtx"]

    def width_px(line: str) -> float:
        units: int = sum(widths[letters[ord(letter)]][0] for letter in line)
        return units / int(font["head"].unitsPerEm) * FONT_PX

    assert all(width_px(line) <= room_px - 12 for line in wrapped(label, room_px))


@given(label=st.text(alphabet=st.characters(categories=("Lu", "Ll", "Zs", "Po")), max_size=120))
def test_wrapping_keeps_every_word(label: str) -> None:
    assert "".join(label.split()) == "".join("".join(wrapped(label, BAR_LABEL_PX)).split())


@settings(max_examples=15, deadline=None)
@given(highs=st.lists(st.floats(0.001, 1.0), min_size=1, max_size=6))
def test_no_mark_leaves_the_plot(highs: list[float]) -> None:
    rows = [make_row(f"Riga {number}", high / 2, half=high / 2) for number, high in enumerate(highs)]

    svg = draw(*rows)

    for line in svg.iter(f"{SVG}line"):
        if line.get("stroke-linecap") == "round":
            start = float(re.findall(r"translate\(([-\d.]+)", line.get("transform", ""))[0])
            assert 0 <= start
            assert start + float(line.get("x2", "0")) <= WIDTH_PX - LABEL_PX - VALUE_PX + 1


def test_the_same_chart_is_the_same_text() -> None:
    first = interval_chart([make_row()], series=("ora",), sentence="Una.", axis="su 100")

    assert first == interval_chart([make_row()], series=("ora",), sentence="Una.", axis="su 100")


def test_every_axis_ends_on_whole_steps() -> None:
    assert all(end % 5 == 0 for end in AXIS_ENDS)
    assert 100 == AXIS_ENDS[-1]


def test_bars_of_two_charts_share_one_scale() -> None:
    """A long list is cut into several charts; the same length must mean the same number in all of them."""

    def length(value: float) -> float:
        row = BarRow(label="Scuola", value=value, words=str(value))
        svg = ET.fromstring(bar_chart([row], longest=100, sentence="Una."))
        (bar,) = [element for element in svg.iter(f"{SVG}path") if element.get("fill") == "#2f6fae"]
        return float(re.findall(r"h([\d.]+)", bar.get("d", ""))[0])

    assert length(100) == pytest.approx(2 * length(50), abs=1)


@pytest.mark.parametrize(
    "specification",
    [
        charts._interval_specification([make_row("Uno", 0.18, None)], series=("ora", "prima"), axis="su 100"),
        charts._interval_specification([make_row("Uno", None)], series=("ora",), axis="su 100"),
        charts._bar_specification([BarRow(label="Scuola", value=3, words="3")], longest=0),
    ],
    ids=["two series", "nothing to show", "bars"],
)
def test_the_specification_is_what_the_language_allows(specification: dict[str, object]) -> None:
    """The schema is altair's copy; what it does not know would be dropped in silence."""
    assert charts.SCHEMA.split("/")[-1].split(".")[0] == alt.SCHEMA_VERSION.split(".")[0]

    alt.LayerChart.from_dict(specification, validate=True)


def test_a_chart_is_as_wide_as_the_page() -> None:
    svg = draw(make_row())

    assert str(WIDTH_PX) == svg.get("width")
