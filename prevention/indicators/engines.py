"""Where sealed files are read: on this machine (DuckDB), or on a cluster (Spark).

Owns how an engine is opened, a file scanned and a result fetched. What is computed is written once, in narwhals
(`engine`, `expressions`), and runs on either unchanged. One setting chooses, ``ANALYTICS_ENGINE``:

* ``duckdb`` (the default): embedded, a file of a province in a fraction of a second; memory does not grow with the
  number of records.
* ``spark://host:port``: a Spark standalone cluster, for a region or a country whose files outgrow one machine. It is
  slower than DuckDB at every size that one machine holds; it is there for scale. Needs the extra ``spark`` and Java 17;
  every worker must see the sealed files under the same path.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import duckdb

DUCKDB = "duckdb"
SPARK = "spark://"

Columns = dict[str, NDArray[Any]]


class UnknownEngine(ValueError):
    """The setting names no engine, or one whose packages are not installed."""


class Engine(Protocol):
    """An open engine."""

    def scan(self, path: Path) -> "nw.LazyFrame[Any]":
        """Give a Parquet file as a frame that nothing has been read of yet."""

    def fetch(self, frame: "nw.LazyFrame[Any]") -> Columns:
        """Compute a frame of this engine and give its columns; a missing text is None."""


@contextmanager
def open_engine(address: str = DUCKDB) -> Iterator[Engine]:
    """Open the engine that the setting names.

    Raises:
        UnknownEngine: there is none of that name, or Spark is not installed.
    """
    if address == DUCKDB:
        with connect() as connection:
            yield _Duckdb(connection)
    elif address.startswith((SPARK, "local")):
        session = _spark_session(address)
        try:
            yield _Spark(session)
        finally:
            session.stop()
    else:
        raise UnknownEngine(address)


def connect() -> "duckdb.DuckDBPyConnection":
    """Open a DuckDB of its own, in memory, that fetches nothing from anywhere."""
    import duckdb

    return duckdb.connect(
        ":memory:", config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )


class _Duckdb:
    def __init__(self, connection: "duckdb.DuckDBPyConnection") -> None:
        self._connection = connection

    def scan(self, path: Path) -> "nw.LazyFrame[Any]":
        return nw.from_native(self._connection.read_parquet(str(path)))

    def fetch(self, frame: "nw.LazyFrame[Any]") -> Columns:
        found: dict[str, Any] = nw.to_native(frame).fetchnumpy()
        return {name: _without_mask(values) for name, values in found.items()}


def _without_mask(values: Any) -> NDArray[Any]:
    if not isinstance(values, np.ma.MaskedArray):
        return np.asarray(values)
    # Not `filled(None)`: to NumPy that means its own filling, a question mark.
    plain = np.ma.getdata(values).astype(object)
    plain[np.ma.getmaskarray(values)] = None
    return plain


class _Spark:
    def __init__(self, session: Any) -> None:
        self._session = session

    def scan(self, path: Path) -> "nw.LazyFrame[Any]":
        frame: nw.LazyFrame[Any] = nw.from_native(self._session.read.parquet(str(path)))
        return frame

    def fetch(self, frame: "nw.LazyFrame[Any]") -> Columns:
        rows = nw.to_native(frame).collect()
        names = frame.collect_schema().names()
        return {name: np.array([row[name] for row in rows]) for name in names}


def _spark_session(address: str) -> Any:
    try:
        sql = import_module("pyspark.sql")
    except ModuleNotFoundError as error:
        raise UnknownEngine(f"{address}: the extra 'spark' is not installed") from error
    builder = sql.SparkSession.builder.master(address).appName("prevention")
    for name, value in {
        # A row of every indicator is more code than the compiler takes as one piece; it says so at length and then
        # does without.
        "spark.sql.codegen.wholeStage": "false",
        "spark.log.level": "ERROR",
        # Few rows come back, and there is nobody to look at a page of its own.
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.session.timeZone": "UTC",
    }.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
