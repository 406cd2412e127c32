"""`flask indicators …`: estimate a share or a mean in anybody's microdata."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from prevention.indicators.estimates import LonelyStratum
from prevention.indicators.microdata import Answer, BadMicrodata, Question, estimate_file

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
    """Estimate a share or a mean in FILE (CSV, plain or gzip, or Parquet) with its interval."""
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
