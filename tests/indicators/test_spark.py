"""The same declarations on a real Spark cluster: a master and two workers of its own, one of which is killed.

Left out where the extra `spark` is not installed (`conftest` says so): the package is 478 MB, and `make test-spark`
fetches it.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from random import Random
from socket import create_connection

import numpy as np
import pytest

from prevention.indicators.catalogue import catalogue
from prevention.indicators.engine import ClassTotals, class_totals
from prevention.indicators.engines import UnknownEngine, open_engine
from prevention.indicators.manifest import sealed_items
from prevention.surveys.questionnaire import parse, shipped
from prevention.surveys.simulation import simulate_answers
from tests.indicators.records import record, sealed
from tests.support.ports import free_port

# The package says so at every import; we give it no table of pandas.
pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")

CATALOGUE = catalogue()
STARTS_WITHIN_S = 90


@contextmanager
def process(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a part of Spark in a process group of its own; nothing of it is left behind."""
    spec = find_spec("pyspark")
    assert spec is not None
    assert spec.origin is not None
    home = Path(spec.origin).parent
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "512m"}
    with (folder / f"{arguments[-1].replace('/', '_')}.log").open("wb") as log:
        started = subprocess.Popen(
            [str(home / "bin" / "spark-class"), *arguments],
            cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        yield started
    finally:
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A master and two workers with one core each."""
    folder = tmp_path_factory.mktemp("spark")
    port = free_port()
    address = f"spark://127.0.0.1:{port}"
    package = "org.apache.spark.deploy"
    with ExitStack() as stack:
        stack.enter_context(
            process(folder, f"{package}.master.Master", "--host", "127.0.0.1", "--webui-port", "0", "--port", str(port))
        )
        wait_for(port)
        workers = [
            stack.enter_context(
                process(
                    folder, f"{package}.worker.Worker", "--host", "127.0.0.1", "--webui-port", "0", "--cores", "1",
                    "--memory", "1g", "--work-dir", str(folder / f"work-{number}"), address,
                )
            )
            for number in range(2)
        ]  # fmt: skip
        yield address, workers


def wait_for(port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        try:
            create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(port)


def in_order(totals: ClassTotals) -> list[tuple[object, ...]]:
    """Every row with all its sums, in an order that does not depend on how classes were numbered."""
    sums = [column for one in totals.sums.values() for column in (one.n, one.value, one.square)]
    table = np.round(np.column_stack([totals.sex, totals.records, *sums]), 9)
    return sorted(
        (str(totals.classes[index]), *row) for index, row in zip(totals.class_index, table.tolist(), strict=True)
    )


def test_a_cluster_gives_what_one_machine_gives_also_when_a_worker_dies(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path
) -> None:
    address, workers = cluster
    questionnaire = parse(shipped("core"))
    rng = Random(1)
    rows = [
        record(
            simulate_answers(questionnaire, rng, grade=1 + number % 5),
            cluster=str(number % 40),
            grade=1 + number % 5,
            site_code=f"CRPS00000{number % 4}",
            track=("liceo", None)[number % 2],
        )
        for number in range(800)
    ]
    path = sealed(tmp_path, rows, items=sealed_items(questionnaire))
    here = in_order(class_totals(path, CATALOGUE.indicators, zero_if=CATALOGUE.zero_if))

    whole = in_order(class_totals(path, CATALOGUE.indicators, zero_if=CATALOGUE.zero_if, address=address))
    os.killpg(workers[0].pid, signal.SIGKILL)
    bereft = in_order(class_totals(path, CATALOGUE.indicators, zero_if=CATALOGUE.zero_if, address=address))

    assert here == whole
    assert here == bereft


def test_an_engine_that_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownEngine), open_engine("dask://127.0.0.1"):
        pass
