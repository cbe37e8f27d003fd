"""Views as Parquet files and as one DuckDB file, in batches, so memory does not grow with the catalog."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow

_BATCH = 10_000


def schema(types: Mapping[str, str], comments: Mapping[str, str]) -> pyarrow.Schema:
    """An Arrow schema from Postgres types; comments become field metadata.

    Raises:
        KeyError: a type analysts are not promised.
    """
    import pyarrow as pa

    known = {
        "text": pa.string(), "integer": pa.int32(), "bigint": pa.int64(), "double precision": pa.float64(),
        "boolean": pa.bool_(), "date": pa.date32(), "timestamp with time zone": pa.timestamp("us", tz="UTC"),
    }  # fmt: skip
    return pa.schema(
        [pa.field(name, known[type_], metadata={"comment": comments.get(name) or ""}) for name, type_ in types.items()]
    )


def write_parquet(path: Path, shape: pyarrow.Schema, rows: Iterable[Sequence[Any]]) -> int:
    """Writes one file, compressed by zstd; returns the number of rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    count = 0
    with pq.ParquetWriter(path, shape, compression="zstd") as writer:
        for batch in _batches(rows):
            columns = list(zip(*batch, strict=True))
            writer.write_batch(
                pa.record_batch(
                    [pa.array(column, field.type) for column, field in zip(columns, shape, strict=True)], schema=shape
                )
            )
            count += len(batch)
    return count


def _batches(rows: Iterable[Sequence[Any]]) -> Iterable[list[Sequence[Any]]]:
    batch: list[Sequence[Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def write_duckdb(path: Path, parquet: Mapping[str, Path], comments: Mapping[str, Mapping[str, str]]) -> None:
    """Puts Parquet files into one database, a table each, with the comments of table ('') and columns."""
    import duckdb

    with duckdb.connect(str(path)) as connection:
        connection.execute("set memory_limit = '512MB'")
        for view, file in parquet.items():
            connection.read_parquet(str(file)).create(view)
            for column, comment in comments.get(view, {}).items():
                what = f'column "{view}"."{column}"' if column else f'table "{view}"'
                quoted = comment.replace("'", "''")
                connection.execute(f"comment on {what} is '{quoted}'")
