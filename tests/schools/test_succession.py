"""Which code seems to go on in place of which, on plain values."""

from dataclasses import replace

import pytest

from prevention.schools.rules import Level
from prevention.schools.succession import PairedBy, Proposal, Trace, level_of_code, likeness, propose

OLD = Trace(
    code="CRMM81001A",
    first=2021,
    last=2024,
    level=Level.PRIMO_GRADO,
    pupils=104,
    name='"STEFANO JACINI"',
    address="VIA VERDI 8",
    municipality="CASALBUTTANO ED UNITI",
    institute="CRIC81000C",
)
NEW = replace(OLD, code="CRMM80304A", first=2025, last=2025, institute="CRIC803006", pupils=None)
ELSEWHERE = replace(NEW, code="CRMM80305B", name="ROBECCO D'OGLIO", address="VIA DANTE", municipality="ROBECCO D'OGLIO")


def by_code(*proposals: Proposal) -> dict[str, str | None]:
    return {each.gone.code: each.new.code if each.new else None for each in proposals}


def bare(code: str, *, last: int = 2024, pupils: int | None = None) -> Trace:
    """A code of which only pupils are known."""
    return Trace(code=code, first=2021, last=last, level=level_of_code(code), pupils=pupils)


def new(code: str, *, institute: str = "CRIC803006", pupils: int | None = None) -> Trace:
    return Trace(
        code=code, first=2025, last=2025, level=level_of_code(code), institute=institute, name=code, pupils=pupils
    )


def test_a_code_with_the_same_name_address_and_place_goes_on() -> None:
    (found,) = propose([OLD], [NEW, ELSEWHERE])

    assert found.new == NEW
    assert found.evidence is not None
    assert (PairedBy.DETAILS, True, 100, 100) == (
        found.evidence.paired_by,
        found.evidence.same_municipality,
        found.evidence.name_likeness,
        found.evidence.address_likeness,
    )


@pytest.mark.parametrize(
    ("name", "address"),
    [("SECONDARIA S. JACINI", "VIA G. VERDI, 8"), ("STEFANO JACINI (CASALBUTTANO)", "VIA VERDI 8")],
)
def test_a_name_and_an_address_need_not_be_written_the_same(name: str, address: str) -> None:
    (found,) = propose([OLD], [replace(NEW, name=name, address=address), ELSEWHERE])

    assert found.new is not None


def test_a_school_of_another_place_and_name_is_not_proposed() -> None:
    assert {OLD.code: None} == by_code(*propose([OLD], [ELSEWHERE]))


@pytest.mark.parametrize("change", [{"level": Level.PRIMARIA}, {"first": 2024}, {"first": 2026}])
def test_only_a_code_of_the_level_that_begins_as_the_other_ends_can_follow(change: dict[str, object]) -> None:
    (found,) = propose([OLD], [replace(NEW, **change)])  # type: ignore[arg-type]  # fields of the value

    assert (None, ()) == (found.new, found.candidates)


def test_two_that_are_equally_alike_are_left_to_a_person() -> None:
    (found,) = propose([OLD], [NEW, replace(NEW, code="CRMM80399Z")])

    assert found.new is None
    assert 2 == len(found.candidates)


def test_a_new_code_goes_on_in_place_of_one_old_code_only() -> None:
    twin = replace(OLD, code="CRMM81009X", name="JACINI")

    found = by_code(*propose([OLD, twin], [NEW]))

    assert {OLD.code: NEW.code, twin.code: None} == found


def test_sites_known_by_their_pupils_alone_move_as_a_family_in_the_order_of_their_codes() -> None:
    gone = [bare("CREE81002C"), bare("CREE81001B"), bare("CRMM81001A")]

    found = propose(gone, [new("CREE80305C"), new("CREE80304B"), new("CRMM80304A"), new("CREE82205T", institute="X")])

    assert {"CREE81001B": "CREE80304B", "CREE81002C": "CREE80305C", "CRMM81001A": "CRMM80304A"} == by_code(*found)
    assert {(PairedBy.ORDER, 3, 3)} == {
        (each.evidence.paired_by, each.evidence.together, each.evidence.together_of) for each in found if each.evidence
    }


def test_where_both_have_pupils_the_sizes_pair_them() -> None:
    gone = [bare("CREE81001B", pupils=50), bare("CREE81002C", pupils=140)]

    found = propose(gone, [new("CREE80304B", pupils=137), new("CREE80305C", pupils=48)])

    assert {"CREE81001B": "CREE80305C", "CREE81002C": "CREE80304B"} == by_code(*found)


def test_two_institutes_that_fit_equally_leave_the_family_undecided() -> None:
    gone = [bare("CREE81001B"), bare("CREE81002C")]
    there = [new("CREE80304B"), new("CREE80305C"), new("CREE90001B", institute="Y"), new("CREE90002C", institute="Y")]

    assert {None} == set(by_code(*propose(gone, there)).values())


def test_a_single_code_without_details_is_no_family() -> None:
    assert {"CR1ATC500C": None} == by_code(*propose([bare("CR1ATC500C")], [new("CRAA80309B")]))


def test_likeness_does_not_mind_order_or_quotation_marks() -> None:
    assert 100 == likeness('"P. SRAFFA"', "Sraffa P")
    assert likeness(None, "X") is None


def test_two_institutes_that_became_one_are_found_together() -> None:
    gone = [bare("CREE82301D", pupils=200), bare("CREE82302E", pupils=45), bare("CREE820012", pupils=138)]
    there = [new("CREE80304B", pupils=140), new("CREE80305C", pupils=44), new("CREE80306D", pupils=205)]

    assert {
        "CREE82301D": "CREE80306D",
        "CREE82302E": "CREE80305C",
        "CREE820012": "CREE80304B",
    } == by_code(*propose(gone, there))


def test_institutes_that_fit_together_in_two_ways_stay_undecided() -> None:
    gone = [bare("CREE82001B"), bare("CREE82101B"), bare("CREE82201B")]

    assert {None} == set(by_code(*propose(gone, [new("CREE80304B"), new("CREE80305C")])).values())
