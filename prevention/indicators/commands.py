"""`flask indicators …`: estimate a share in anybody's microdata."""

import json
from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import AppGroup

from prevention.indicators.estimates import LonelyStratum
from prevention.indicators.microdata import Answer, BadMicrodata, Question, estimate_file

group = AppGroup("indicators", help="Figures of surveys.")


@group.command("estimate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--of", required=True, help='The condition whose share is wanted, e.g. "qn45 == 1".')
@click.option("--valid", help='Which records have a valid answer, e.g. "qn45 in (1, 2)".')
@click.option("--cluster", help="Column of the clusters (classes, schools).")
@click.option("--stratum", help="Column of the strata.")
@click.option("--weight", help="Column of the weights.")
@click.option("--by", help="Column of the groups.")
@click.option(
    "--lonely",
    type=click.Choice([str(one) for one in LonelyStratum]),
    default=str(LonelyStratum.REFUSE),
    show_default=True,
    help="A stratum of one cluster: refuse it, or measure it from the mean of all.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def estimate(file: Path, of: str, lonely: str, *, as_json: bool, **columns: str | None) -> None:
    """Estimate a share in FILE (CSV, plain or gzip) with its interval."""
    question = Question(of=of, lonely=LonelyStratum(lonely), **columns)
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
        label = answer.group or ("(empty)" if question.by else "all")
        click.echo(f"{label:<12} {figure.mean:.4f}  {within}  n = {figure.n}")


def _plain(answer: Answer) -> dict[str, object]:
    figure = asdict(answer.estimate)
    return {
        "group": answer.group,
        "n": figure["n"],
        "clusters": figure["clusters"],
        "estimate": figure["mean"],
        "se": figure["se"],
        "design_effect": answer.estimate.design_effect,
        "df": figure["df"],
        "low": answer.interval[0] if answer.interval else None,
        "high": answer.interval[1] if answer.interval else None,
    }
