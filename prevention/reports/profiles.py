"""Risk and protection of a place as the papers show it: a `Profile` in, rows of words out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext as _

from prevention.indicators.change_words import change_words, verdict_words
from prevention.indicators.effects import Verdict
from prevention.indicators.profile import Action, DataMark, FactorRow, Profile, profile_of
from prevention.indicators.published import Dimension, Measure, PublishedCell, PublishedTable
from prevention.programmes.wording import TOPICS
from prevention.reports.printed import Figure
from prevention.reports.results import printed_cell


@dataclass(frozen=True, kw_only=True, slots=True)
class ProfileRow:
    """A factor as it is printed; `against` is empty where there is nothing to set it beside."""

    rank: str
    name: str
    cutoff: str
    figure: Figure
    against: str
    is_enough: bool
    enough: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ProfileView:
    """Risks and protection of one place in one survey, ranked; what is suggested, and `where` each begins."""

    survey: str
    risks: tuple[ProfileRow, ...]
    protections: tuple[ProfileRow, ...]
    actions: tuple[str, ...]
    where: tuple[str, ...] = ()

    @property
    def has_figures(self) -> bool:
        """Say whether any factor is shown."""
        return any(row.figure.is_known for row in (*self.risks, *self.protections))


def of_all(tables: Sequence[PublishedTable]) -> ProfileView | None:
    """Give the profile of all pupils of one survey; None when no factor was asked."""
    profile = profile_of(tables)
    return None if profile is None else _view(profile, tables, Dimension.ALL, "all")


def of_school(
    code: str, own: Sequence[PublishedTable], beside: Sequence[tuple[PublishedTable, PublishedCell | None]]
) -> ProfileView | None:
    """Give the profile of a school beside the pupils of its level; None when no factor may be shown.

    Args:
        code: of the school. own: its tables, of one survey.
        beside: for each of them the table and cell of the pupils it is set beside.
    """
    whole = [replace(table, dimension=Dimension.ALL, cells=(cell,)) for table, cell in beside if cell is not None]
    profile = profile_of([*whole, *own], dimension=Dimension.SCHOOL, domain=code)
    return None if profile is None else _view(profile, own, Dimension.SCHOOL, code)


def _view(profile: Profile, tables: Sequence[PublishedTable], dimension: Dimension, domain: str) -> ProfileView:
    found = {table.indicator_id: table for table in tables if table.dimension is dimension}
    return ProfileView(
        survey=profile.wave_name,
        risks=tuple(_rows(profile.risks, found, domain)),
        protections=tuple(_rows(profile.protections, found, domain)),
        actions=tuple(action.text.text() for action in profile.actions),
        where=tuple(_where(action) for action in profile.actions),
    )


def _where(action: Action) -> str:
    """Say which programmes and materials an action begins with; the library is searched in Italian."""
    return _(
        "In the catalogue: programmes on the topic “%(topic)s”. In the library: search for “%(words)s”.",
        topic=TOPICS[action.topic],
        words=action.search,
    )


def _rows(rows: Sequence[FactorRow], tables: dict[str, PublishedTable], domain: str) -> Iterator[ProfileRow]:
    for row in rows:
        figure = printed_cell(tables[row.factor.indicator_id], domain)
        if figure is None:  # a row is made of a cell that is there
            raise LookupError(domain)
        yield ProfileRow(
            rank="–" if row.rank is None else str(row.rank),
            name=row.name.text(),
            cutoff=row.cutoff.text(),
            figure=figure,
            against=_against(row),
            is_enough=row.mark is DataMark.ENOUGH,
            enough=_enough(row.mark),
        )


def _against(row: FactorRow) -> str:
    if row.against_whole is None:
        return ""
    words = change_words(row.against_whole, Measure.PERCENT)
    # A sheet has one line for it: what is not clear is said by the words of the change alone.
    is_clear = row.against_whole.verdict in (Verdict.BETTER, Verdict.WORSE)
    return f"{words}: {verdict_words(row.against_whole.verdict)}" if is_clear else words


def _enough(mark: DataMark) -> str:
    if mark is DataMark.ENOUGH:
        return _("enough")
    return _("not enough: the margin is wide") if mark is DataMark.TOO_WIDE else _("not shown")
