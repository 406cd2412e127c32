"""The words of this room: kinds and states, steps of numbers, what an alert says, why something was refused."""

from collections.abc import Mapping
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from prevention.core.i18n import Localised
from prevention.core.web import day, number, percent
from prevention.early_signals import rules
from prevention.early_signals.models import EarlyAlert
from prevention.early_signals.rules import AlertOrigin, SignalKind, SignalRefusal, SignalStatus
from prevention.schools.rules import school_year_label

KINDS: Mapping[SignalKind, LazyString] = {
    SignalKind.NEW_PRODUCT: _l("A new product or substance going round"),
    SignalKind.SMOKING: _l("Tobacco, e-cigarettes, nicotine"),
    SignalKind.ALCOHOL: _l("Alcohol"),
    SignalKind.DRUGS: _l("Cannabis and other drugs"),
    SignalKind.MEDICINES: _l("Medicines taken without a doctor"),
    SignalKind.GAMBLING: _l("Gambling and betting"),
    SignalKind.ONLINE: _l("Games, challenges and risks online"),
    SignalKind.INCIDENTS: _l("Fights, bullying, damage"),
    SignalKind.DISTRESS: _l("Distress, self-harm, staying away from school"),
}

STATUSES: Mapping[SignalStatus, LazyString] = {
    SignalStatus.WAITING: _l("Waiting for the district"),
    SignalStatus.ACCEPTED: _l("Accepted"),
    SignalStatus.REFUSED: _l("Not accepted"),
}
STATUS_TONES: Mapping[SignalStatus, str] = {
    SignalStatus.WAITING: "warning",
    SignalStatus.ACCEPTED: "success",
    SignalStatus.REFUSED: "neutral",
}


def week_words(week: object) -> str:
    """Write a week by its Monday and its Sunday."""
    monday = rules.monday_of(week)  # type: ignore[arg-type]  # a day, as templates hand it
    return _("%(first)s to %(last)s", first=day(monday, "d MMM"), last=day(monday + timedelta(days=6), "d MMM y"))


def band_words(band: tuple[int, int | None]) -> str:
    """Write a step of numbers of schools."""
    first, last = band
    if last is None:
        return _("more than %(number)s schools", number=first - 1)
    return _("%(first)s to %(last)s schools", first=first, last=last)


def area_words(planning_area: str | None) -> str:
    """Name an area, or the whole district."""
    return planning_area or _("the whole district")


def alert_title(alert: EarlyAlert) -> str:
    """Say in a few words what an alert is about."""
    if alert.origin is AlertOrigin.SIGNALS and alert.kind is not None:
        return _("%(kind)s: %(area)s", kind=KINDS[alert.kind], area=area_words(alert.planning_area))
    name = Localised(alert.figures["name"]).text()
    group = Localised(alert.figures["group"]).text()
    return f"{name} ({group})" if group else name


def alert_words(alert: EarlyAlert) -> str:
    """Say in a sentence what an alert rests on."""
    figures = alert.figures
    if alert.origin is AlertOrigin.SIGNALS:
        band = rules.band_of(figures["schools"]) or rules.BANDS[0]
        return ngettext(
            "In the school week up to %(day)s %(schools)s signalled it; about %(expected)s would be expected by "
            "chance.",
            "In the %(num)d school weeks up to %(day)s %(schools)s signalled it; about %(expected)s would be expected "
            "by chance.",
            figures["weeks"],
            day=day(alert.week + timedelta(days=6)),
            schools=band_words(band),
            # Never "about 0": rounded up, it claims less.
            expected=number(max(0.1, round(figures["expected"], 1))),
        )
    return _(
        "From %(before)s in %(before_year)s to %(now)s in %(now_year)s; the difference is beyond what chance explains "
        "(99 %% interval %(low)s to %(high)s points).",
        before=percent(figures["before"]),
        before_year=school_year_label(figures["before_year"]),
        now=percent(figures["now"]),
        now_year=school_year_label(figures["now_year"]),
        low=number(round(figures["low"] * 100)),
        high=number(round(figures["high"] * 100)),
    )


def refusal_words(refusal: SignalRefusal) -> str:
    """Say why the rules said no."""
    match refusal:
        case rules.WrongWeek(first=first, last=last):
            return _("Choose a week between %(first)s and %(last)s.", first=week_words(first), last=week_words(last))
        case rules.NotWaiting():
            return _("This signal was decided or withdrawn in the meantime.")
        case rules.AlertClosed():
            return _("This alert was closed in the meantime.")
        case _:
            raise refusal
