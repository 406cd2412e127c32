"""`flask indicators …`: estimate from anybody's microdata; correct a seal; publish one more table."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from flask.cli import AppGroup

from prevention.accounts import service as accounts
from prevention.core import clock
from prevention.core.access import Actor
from prevention.core.db import unit_of_work
from prevention.indicators import corrections, ledger
from prevention.indicators.corrections import Wanted
from prevention.indicators.estimates import LonelyStratum
from prevention.indicators.microdata import Answer, BadMicrodata, Question, estimate_file
from prevention.indicators.populations import Selection
from prevention.indicators.published import Dimension
from prevention.indicators.rules import AlreadyCorrected, NothingToCorrect, SomebodyReleased, TableRefused
from prevention.indicators.wishes import OFFERED, Wish, release_table

group = AppGroup("indicators", help="Figures of surveys.")


@group.command("estimate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--of", help='The condition whose share is wanted, e.g. "qn45 == 1".')
@click.option("--mean", help="The column of numbers whose mean is wanted, instead of a share.")
@click.option("--valid", help='Which records have a valid answer, e.g. "qn45 in (1, 2)".')
@click.option("--cluster", help="Column of the clusters (classes, schools).")
@click.option("--stratum", help="Column of the strata.")
@click.option("--weight", help="Column of the weights.")
@click.option("--population", help="Column with the number of clusters that there are in the stratum (a census: all).")
@click.option("--by", multiple=True, help="Column of the groups; several are crossed.")
@click.option(
    "--lonely",
    type=click.Choice([str(one) for one in LonelyStratum]),
    default=str(LonelyStratum.REFUSE),
    show_default=True,
    help="A stratum of one cluster: refuse it; measure it from the mean of all; let it vary like the others; or not.",
)
@click.option("--few-clusters", is_flag=True, help="Satterthwaite's degrees of freedom below 40 clusters.")
@click.option("--missing", multiple=True, metavar="WORD", help="Another word for no value, beside NA, NaN and a dot.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def estimate(file: Path, lonely: str, *, as_json: bool, **asked: Any) -> None:
    """Estimate a share or a mean in FILE with its interval: CSV, Parquet, SPSS, Stata or SAS (transport)."""
    question = Question(lonely=LonelyStratum(lonely), **asked)
    try:
        answers = estimate_file(file, question)
    except BadMicrodata as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps([_plain(answer) for answer in answers], indent=1))
        return
    for answer in answers:
        figure, interval = answer.estimate, answer.interval
        within = f"{interval[0]:.4f} to {interval[1]:.4f}" if interval else "no interval"
        label = ", ".join(value or "(empty)" for value in answer.group) or "all"
        click.echo(f"{label:<12} {figure.mean:.4f}  {within}  n = {figure.n}")


@group.command("correct")
@click.argument("wave", type=click.UUID)
@click.option("--by", required=True, help="Mail address of the person of the office who asks.")
@click.option("--off", multiple=True, help="A cleaning rule that is off from now on, e.g. R8. All others are on.")
@click.option("--withdraw", multiple=True, help="Code of a school that withdraws, or CODE:GRADE.")
@click.option("--reason", required=True, help="Why; it stands in the manifest.")
def correct(wave: UUID, by: str, reason: str, *, off: tuple[str, ...], withdraw: tuple[str, ...]) -> None:
    """Ask for a correction of the sealed WAVE (its id); the jobs process carries it out."""
    try:
        wanted = Wanted(rules_off=off, withdrawn=tuple(_place(one) for one in withdraw), reason=reason)
        with unit_of_work():
            found = ledger.in_force(wave)
            corrections.ask_correction(_person(by), found, wanted, today=clock.today())
    except (AlreadyCorrected, NothingToCorrect, ValueError, LookupError) as refusal:
        raise click.ClickException(f"Refused: {type(refusal).__name__} {refusal}".rstrip()) from refusal
    click.echo("The correction is asked for.")


@group.command("release")
@click.argument("wave", type=click.UUID)
@click.argument("indicator")
@click.option("--by", required=True, help="Mail address of the person of the office who asks.")
@click.option("--along", type=click.Choice([str(one) for one in OFFERED]), default="all", show_default=True)
@click.option("--level", "levels", multiple=True, help="E.g. secondo_grado.")
@click.option("--grade", "grades", multiple=True, help="E.g. secondo_grado-2.")
@click.option("--track", "tracks", multiple=True, help="E.g. liceo.")
@click.option("--municipality", "municipalities", multiple=True, help="ISTAT code.")
def release(wave: UUID, indicator: str, by: str, along: str, **selection: tuple[str, ...]) -> None:
    """Publish one more table of INDICATOR of the sealed WAVE, if it gives nothing away; else say why not."""
    wish = Wish(indicator_id=indicator, dimension=Dimension(along), selection=Selection.of(selection))
    try:
        with unit_of_work():
            table = release_table(_person(by), ledger.in_force(wave), wish, today=clock.today())
    except TableRefused as refusal:
        lines = [
            f"Refused: {refusal.why}",
            *(f"  beside {one.indicator_id} {one.dimension}" for one in refusal.earlier),
        ]
        raise click.ClickException("\n".join(lines)) from refusal
    except (SomebodyReleased, LookupError) as refusal:
        raise click.ClickException(f"Refused: {type(refusal).__name__}") from refusal
    click.echo(f"{table.indicator_id} {table.dimension} is published.")


def _person(email: str) -> Actor:
    user = accounts.find_user(email)
    if user is None:
        raise LookupError(email)
    return accounts.actor_of(user)


def _place(text: str) -> tuple[str, int | None]:
    code, _, grade = text.partition(":")
    return code, int(grade) if grade else None


def _plain(answer: Answer) -> dict[str, object]:
    """Write an answer as JSON has it: one group's value by itself, those of several as a list."""
    figure = asdict(answer.estimate)
    group = list(answer.group)
    return {
        "group": group if len(group) > 1 else next(iter(group), None),
        "n": figure["n"],
        "clusters": figure["clusters"],
        "estimate": figure["mean"],
        "se": figure["se"],
        "design_effect": answer.estimate.design_effect,
        "df": figure["df"],
        "low": answer.interval[0] if answer.interval else None,
        "high": answer.interval[1] if answer.interval else None,
    }
