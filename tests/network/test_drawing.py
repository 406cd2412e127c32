"""The map of the district: every class told apart without colour, every name and number escaped, no class empty."""

from collections import Counter
from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from prevention.network.boundaries.drawing import (
    AMOUNTS,
    BLANK,
    MOST_CLASSES,
    Drawn,
    Look,
    MapClass,
    choropleth,
    class_breaks,
    class_of,
    looks_for,
)
from tests.factories.reports import make_territory

SVG = "{http://www.w3.org/2000/svg}"
CLASSES = (
    MapClass(words="little", look=0),
    MapClass(words="much", look=3),
    MapClass(words="never", look=Look.DOTS),
    MapClass(words="unknown & hidden", look=Look.HATCH),
    MapClass(words="no school", look=Look.BLANK),
)

amounts = st.lists(st.decimals(0, 50, places=2), min_size=1, max_size=60)


def draw(
    marks: dict[str, int], *, labelled: tuple[str, ...] = (), towns: tuple[str, ...] = ("Crema", "D'Adda")
) -> ET.Element:
    """Draw two towns and a village."""
    places = {code: Drawn(mark=mark, words=f"<{code}>") for code, mark in marks.items()}
    return ET.fromstring(
        choropleth(
            make_territory(towns=towns), name="m", classes=CLASSES, places=places, otherwise=4, sentence="Uno & due.",
            labelled=labelled,
        )
    )  # fmt: skip


@given(values=amounts)
def test_every_amount_lies_in_one_class_and_no_class_is_empty(values: list[Decimal]) -> None:
    bounds = class_breaks(values)

    counts = Counter(class_of(value, bounds) for value in values)
    assert list(bounds) == sorted(set(bounds))
    assert len(bounds) < MOST_CLASSES
    assert set(range(len(bounds) + 1)) == set(counts)


def test_bounds_are_round_and_part_the_municipalities_evenly() -> None:
    values = [Decimal(number) / 100 for number in range(10, 410, 10)]

    assert [Decimal(1), Decimal(2), Decimal(3)] == list(class_breaks(values))
    assert () == class_breaks([Decimal(2)] * 5)
    assert () == class_breaks([])
    assert 1 == len(class_breaks([Decimal("0.31"), Decimal("0.32")]))


def test_classes_differ_in_lightness_and_others_in_their_pattern() -> None:
    def lightness(colour: str) -> float:
        red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
        return float(0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2)

    tones = [lightness(colour) + 0.05 for colour in (BLANK, *AMOUNTS)]
    assert all(light / dark > 1.35 for light, dark in pairwise(tones))
    for number in range(1, MOST_CLASSES + 1):
        looks = looks_for(number)
        assert sorted(set(looks)) == list(looks)
        assert number == len(looks)


def test_the_sentence_comes_first_and_each_place_has_the_look_of_its_class() -> None:
    svg = draw({"019000": 1, "019001": 3})

    assert ("img", f"{SVG}title", "Uno & due.") == (svg.get("role"), svg[0].tag, svg[0].text)
    shapes = [path for path in svg.iter(f"{SVG}path") if path.find(f"{SVG}title") is not None]
    assert [AMOUNTS[3], "url(#m-hatch)", BLANK] == [path.get("fill") for path in shapes]
    assert ["<019000>", "<019001>", "Villaggio"] == [path[0].text for path in shapes]


def test_the_key_counts_the_places_of_each_class_and_leaves_empty_ones_out() -> None:
    svg = draw({"019000": 0, "019001": 0})

    assert ["little (2)", "no school (1)"] == [text.text for text in svg.iter(f"{SVG}text")]
    bottom = max(float(text.get("y", "0")) for text in svg.iter(f"{SVG}text"))
    assert bottom < float(svg.get("height", "0"))


def test_names_are_written_over_no_other_name_and_inside_the_map() -> None:
    towns = ("San Daniele Po e altri", "Torricella del Pizzo con frazioni", "Crema")

    svg = draw({}, towns=towns, labelled=("019000", "019001", "019002", "999999"))

    written = [text.text for text in svg.iter(f"{SVG}text") if text.get("font-weight")]
    assert ["San Daniele Po e altri", "Crema"] == written
    assert all(0 < float(text.get("x", "0")) < 642 for text in svg.iter(f"{SVG}text") if text.get("font-weight"))


def test_patterns_of_two_maps_on_one_page_have_names_of_their_own() -> None:
    ids = [pattern.get("id") for pattern in draw({}).iter(f"{SVG}pattern")]

    assert ["m-dots", "m-hatch"] == ids
