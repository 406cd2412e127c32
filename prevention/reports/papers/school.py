"""The sheet of one school: what it got, how it stands to the others, and what its pupils say where that may be shown.

Its pupils are set beside those of the same level of school in the district, never beside other ages. A school that is
too small, or did not take part, gets the same sheet with the reason in the place of the results.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from prevention.core.pdf import Attachment
from prevention.core.web import number
from prevention.delivery.coverage import MunicipalityCoverage, SchoolCoverage
from prevention.indicators.published import Dimension, PublishedCell, PublishedTable
from prevention.reports import profiles
from prevention.reports.attachments import written_csv
from prevention.reports.charts import BarRow, IntervalRow, bar_chart, interval_chart
from prevention.reports.figures import YearFigures
from prevention.reports.papers.impact import HEADLINES
from prevention.reports.papers.kinds import Content, NoSuchPaper, Paper
from prevention.reports.printed import Figure, of_district, of_municipality, of_school, rate_words
from prevention.reports.profiles import ProfileView
from prevention.reports.results import estimate_of, printed_cell
from prevention.schools.rules import Level, school_year_label

# As many as a school can take on.
STEPS = 3

Pair = tuple[PublishedTable, PublishedCell, PublishedTable | None, PublishedCell | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultRow:
    """One indicator: this school, how many answered, and the schools of the same level."""

    name: str
    own: Figure
    valid: str
    others: Figure | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultGroup:
    """One heading of a school's results."""

    title: str
    rows: tuple[ResultRow, ...]


def content(figures: YearFigures, paper: Paper) -> Content:
    """Say what the sheet of one school says.

    Raises:
        NoSuchPaper: the figures know no such school.
    """
    school = next((one for one in figures.activity.schools if one.code == paper.scope), None)
    if school is None:
        raise NoSuchPaper(paper.scope)
    town = next((one for one in figures.activity.municipalities if one.istat_code == school.istat_code), None)
    pairs = tuple(_pairs(figures, school))
    groups = tuple(_groups(figures, pairs, school))
    profile = _profile(pairs, school)
    return Content(
        template="reports/papers/school.html",
        title=_("School sheet %(year)s – %(school)s", year=school_year_label(figures.school_year), school=school.name),
        stem=_("school-sheet-%(code)s", code=school.code.casefold()),
        values={
            "school": school,
            "own": of_school(school),
            "sentences": tuple(_sentences(school)),
            "beside": tuple(_beside(figures, school, town)),
            "hours_chart": _hours_chart(figures, school, town),
            "groups": groups,
            "chart": _chart(pairs, school),
            "apart": tuple(_apart(pairs)),
            "no_results": "" if groups else _no_results(figures, school),
            "profile": profile,
            "steps": _next_steps(profile, school),
        },
        attachments=(
            Attachment(
                name="school.csv",
                content=written_csv(("figure", "value"), [(one.name, str(one)) for one in of_school(school).values()]),
                description=_("What this school got"),
            ),
            Attachment(
                name="survey.csv",
                content=written_csv(
                    ("indicator", "name", "n_valid", "share", "low", "high", "coded", "reason"),
                    [_csv_row(table, cell) for table, cell, _others, _cell in pairs],
                ),
                description=_("What the pupils of this school say, as far as it may be shown"),
            ),
        ),
    )


def _sentences(school: SchoolCoverage) -> Iterator[str]:
    """Say in plain words what the school got."""
    if not school.is_reached:
        yield _("No meeting was held in this school in this school year.")
        return
    yield ngettext(
        "At least one meeting was held in %(count)s class, of %(all)s entered.",
        "At least one meeting was held in %(count)s classes, of %(all)s entered.",
        school.classes_reached,
        count=number(school.classes_reached),
        all=number(school.classes),
    )
    yield ngettext(
        "%(count)s class had a whole programme, from the first to the last meeting.",
        "%(count)s classes had a whole programme, from the first to the last meeting.",
        school.classes_completed,
        count=number(school.classes_completed),
    )
    if school.is_enrolment_low:
        yield _("The ministry publishes “three pupils or fewer” for this school, so hours per pupil cannot be given.")
    elif school.hours_per_pupil is None:
        yield _("The number of pupils enrolled is not known, so hours per pupil cannot be given.")


def _beside(
    figures: YearFigures, school: SchoolCoverage, town: MunicipalityCoverage | None
) -> Iterator[tuple[str, dict[str, Figure]]]:
    """Give the school, its municipality and the district, each with its figures."""
    yield _("This school"), of_school(school)
    if town is not None:
        yield town.name, of_municipality(town)
    yield _("Whole district"), of_district(figures.activity.totals)


def _hours_chart(figures: YearFigures, school: SchoolCoverage, town: MunicipalityCoverage | None) -> Markup | None:
    named = [(_("This school"), school.hours_per_pupil)]
    if town is not None:
        named.append((_("Municipality of %(name)s", name=town.name), town.hours_per_pupil))
    named.append((_("Whole district"), figures.activity.totals.hours_per_pupil))
    rows = [
        BarRow(label=label, value=float(hours), words=rate_words(hours)) for label, hours in named if hours is not None
    ]
    if len(rows) < 2 or not any(row.value for row in rows):
        return None
    listed = "; ".join(f"{row.label} {row.words}" for row in rows)
    return bar_chart(
        rows, longest=max(row.value for row in rows), sentence=_("Hours per enrolled pupil: %(listed)s.", listed=listed)
    )


def _pairs(figures: YearFigures, school: SchoolCoverage) -> Iterator[Pair]:
    """Give the school's cells that are shown, each beside that of all schools of its level."""
    by_level = {table.wave_id for table in figures.tables if table.dimension is Dimension.LEVEL}
    # Where a survey was for one level alone, all its pupils are those of the school's level.
    others = {
        (table.wave_id, table.indicator_id): table
        for table in figures.tables
        if table.dimension is (Dimension.LEVEL if table.wave_id in by_level else Dimension.ALL)
    }
    for table in figures.school_tables:
        cell = table.cell(school.code)
        if cell is not None and cell.shown:
            beside = others.get((table.wave_id, table.indicator_id))
            yield table, cell, beside, beside.cell(_domain(beside, school)) if beside else None


def _profile(pairs: tuple[Pair, ...], school: SchoolCoverage) -> ProfileView | None:
    """Give risk and protection of the newest survey in which the school may see its own results."""
    newest = [pair for pair in pairs if pair[0].wave_id == pairs[0][0].wave_id]
    beside = [(table, cell) for _own, _cell, table, cell in newest if table is not None]
    return profiles.of_school(school.code, [pair[0] for pair in newest], beside) if newest else None


def _domain(table: PublishedTable, school: SchoolCoverage) -> str:
    return school.level if table.dimension is Dimension.LEVEL else "all"


def _groups(figures: YearFigures, pairs: tuple[Pair, ...], school: SchoolCoverage) -> Iterator[ResultGroup]:
    for name in figures.groups:
        found = [pair for pair in pairs if pair[0].group == name.key]
        if found:
            yield ResultGroup(title=name.name.text(), rows=tuple(_row(pair, school) for pair in found))


def _row(pair: Pair, school: SchoolCoverage) -> ResultRow:
    table, cell, beside, _other = pair
    own = printed_cell(table, school.code)
    if own is None:  # a pair is made of a cell that is there
        raise LookupError(school.code)
    return ResultRow(
        name=table.name.text(),
        own=own,
        valid=number(cell.n_valid),
        others=printed_cell(beside, _domain(beside, school)) if beside is not None else None,
    )


def _chart(pairs: Sequence[Pair], school: SchoolCoverage) -> Markup | None:
    """Draw the main results; the table holds all of them."""
    rows = []
    main = sorted((pair for pair in pairs if pair[0].indicator_id in HEADLINES), key=_headline_order)
    for table, cell, beside, other in main:
        own = estimate_of(table, cell)
        if own is None:
            continue
        others = estimate_of(beside, other) if beside is not None and other is not None else None
        found = [
            printed_cell(table, school.code),
            printed_cell(beside, _domain(beside, school)) if beside is not None else None,
        ]
        words = tuple(str(one) if one is not None else _("not shown") for one in found)
        rows.append(IntervalRow(label=table.name.text(), estimates=(own, others), words=words))
    if not rows:
        return None
    series = [_("this school"), same_level(school.level)]
    spoken = " ".join(
        _(
            "%(name)s: %(own)s; %(series)s %(others)s.",
            name=row.label,
            own=row.words[0],
            series=series[1],
            others=row.words[1],
        )
        for row in rows
    )
    return interval_chart(rows, series=series, sentence=spoken, axis=_("pupils in 100, with 95 percent interval"))


def _headline_order(pair: Pair) -> int:
    return HEADLINES.index(pair[0].indicator_id)


def same_level(level: Level) -> str:
    """Name the schools that a school is set beside."""
    if level is Level.PRIMO_GRADO:
        return _("lower secondary schools of the district")
    return _("upper secondary schools of the district")


def _apart(pairs: tuple[Pair, ...]) -> Iterator[str]:
    """Say where the school's interval and the others' do not overlap: more than chance explains."""
    for table, cell, _beside, other in pairs:
        if other is None or None in (cell.low, cell.high, other.low, other.high):
            continue
        if cell.low > other.high:  # type: ignore[operator]  # none of them is None
            yield _("%(name)s: higher than in the other schools.", name=table.name.text())
        elif cell.high < other.low:  # type: ignore[operator]  # as above
            yield _("%(name)s: lower than in the other schools.", name=table.name.text())


def _no_results(figures: YearFigures, school: SchoolCoverage) -> str:
    """Say politely why there are no results."""
    if not figures.surveys:
        return _("No survey was closed in this school year, so there are no results for any school.")
    if any(table.cell(school.code) for table in figures.school_tables):
        return _(
            "Some of your pupils answered, and we thank them. A school's results are printed from 20 answers in at "
            "least two classes; below that somebody could be recognised, so your pupils stand in the district's "
            "results only."
        )
    return _(
        "No class of this school took part in the survey of this year, or too few did to print results of its own. "
        "The district's results are in the yearly report."
    )


def _next_steps(profile: ProfileView | None, school: SchoolCoverage) -> tuple[tuple[str, str], ...]:
    """Give three things to do next, each with where it begins or nothing."""
    suggested = zip(profile.actions, profile.where, strict=True) if profile is not None else ()
    return (*suggested, *((step, "") for step in _steps(school)))[:STEPS]


def _steps(school: SchoolCoverage) -> Iterator[str]:
    """Name three things that the school can do next, from what it got."""
    left = school.classes - school.classes_reached
    if not school.classes:
        yield _("Enter the classes of the school on the site: then they can be booked.")
    elif left > 0:
        yield ngettext(
            "Book a programme for the %(count)s class that had none this year; classes never reached come first.",
            "Book a programme for the %(count)s classes that had none this year; classes never reached come first.",
            left,
            count=number(left),
        )
    else:
        yield _("Carry on: book next year's meetings of the same programmes for the classes that follow.")
    begun = school.classes_reached - school.classes_completed
    if not school.is_reached:
        yield _("Choose a first programme together, from the catalogue: the evidence for each stands beside it.")
    elif begun > 0:
        yield ngettext(
            "Bring the programme to its end in the %(count)s class that began it: half a programme helps less.",
            "Bring the programme to its end in the %(count)s classes that began it: half a programme helps less.",
            begun,
            count=number(begun),
        )
    else:
        yield _("Read this sheet in the staff meeting and choose together the one thing to work on.")
    yield _("Hang the page with the services that help where pupils and families see it.")


def _csv_row(table: PublishedTable, cell: PublishedCell) -> tuple[object, ...]:
    about = (table.indicator_id, table.name.text(), cell.n_valid)
    return (*about, cell.share, cell.low, cell.high, cell.text, cell.reason)
