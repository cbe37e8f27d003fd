"""What the whole line costs per record, by stage, against COPY of the very rows it wrote."""

from __future__ import annotations

from statistics import median

from bench import scaledata
from bench.home import Server, server, wait_for_vacuum
from bench.meter import Reading, Stages, figure, measured, table
from worker import run
from worker.tools import Tools

SCHEMAS = ("raw", "ops", "catalog")


def main(records: int, repeat: int) -> None:
    """First pass, the same records again in other pages, the same bytes again, and the limit; medians of runs."""
    firsts: list[Reading] = []
    agains: list[Reading] = []
    sames: list[Reading] = []
    limits: list[Reading] = []
    prepared: list[Reading] = []
    stages: list[Stages] = []
    with server() as here:
        for _ in range(repeat):
            with here.tools() as tools:
                parts = Stages(here.postmaster)
                parts.start()
                tools.progress = parts.done
                with measured(here.postmaster) as first:
                    scaledata.ingested(tools, records)
                tools.progress = None
                n_records, n_papers = scaledata.counts(tools)
                limit, n_rows = copy_limit(here, tools)
                with measured(here.postmaster) as refresh:
                    run.refresh(tools)
                with measured(here.postmaster) as same:
                    scaledata.ingested(tools, records)
                with measured(here.postmaster) as again:
                    scaledata.ingested(tools, records, shift=1)
                scaledata.counts(tools)
            for kept, reading in (
                (firsts, first),
                (prepared, refresh),
                (agains, again),
                (sames, same),
                (limits, limit),
            ):
                kept.append(reading)
            stages.append(parts)
    show(
        n_records,
        {"first": firsts, "prepared tables": prepared, "unchanged": agains, "same bytes": sames, "copy limit": limits},
    )
    print()
    by_stage(n_records, stages)
    print(f"\n{n_records:,} records, {n_papers:,} papers, {n_rows / n_records:.1f} rows written a record")
    figure("ingest", [n_records / r.cpu_s for r in firsts], "records/cpu-s")
    figure("ingest_wall", [n_records / r.wall_s for r in firsts], "records/s")
    figure("of_copy_limit", [c.cpu_s / r.cpu_s for r, c in zip(firsts, limits, strict=True)], "ratio")
    figure("prepared_tables", [r.cpu_s for r in prepared], "cpu-s")
    figure("unchanged", [n_records / r.cpu_s for r in agains], "records/cpu-s")
    figure("same_bytes", [n_records / r.cpu_s for r in sames], "records/cpu-s")
    figure("rows_per_record", n_rows / n_records, "rows")
    figure("peak_memory", [r.peak_mb for r in firsts], "MB")


def limit(records: int, repeat: int) -> None:
    """COPY of the rows that an ingest wrote, alone."""
    limits: list[Reading] = []
    with server() as here:
        for _ in range(repeat):
            with here.tools() as tools:
                scaledata.ingested(tools, records)
                n_records, _ = scaledata.counts(tools)
                reading, n_rows = copy_limit(here, tools)
            limits.append(reading)
    show(n_records, {"copy limit": limits})
    figure("copy_limit", [n_records / r.cpu_s for r in limits], "records/cpu-s")
    figure("copy_limit_rows", [n_rows / r.cpu_s for r in limits], "rows/cpu-s")


def show(n_records: int, passes: dict[str, list[Reading]]) -> None:
    """One line a pass, medians of its runs; seconds are CPU seconds."""
    rows = [
        (
            name,
            median(r.wall_s for r in readings),
            median(r.worker_cpu_s for r in readings),
            median(r.postgres_cpu_s for r in readings),
            1e6 * median(r.cpu_s for r in readings) / n_records,
            n_records / median(r.cpu_s for r in readings),
            n_records / median(r.wall_s for r in readings),
            median(r.peak_mb for r in readings),
        )
        for name, readings in passes.items()
    ]
    table(("pass", "wall s", "worker s", "postgres s", "us/record", "records/cpu-s", "records/s", "peak MB"), rows)


def by_stage(n_records: int, stages: list[Stages]) -> None:
    """Microseconds a record of each stage: worker and Postgres."""
    kinds = sorted({kind for parts in stages for kind in parts.worker_s})
    per = 1e6 / n_records
    rows = [
        (
            kind,
            per * median(parts.worker_s[kind] for parts in stages),
            per * median(parts.postgres_s[kind] for parts in stages),
        )
        for kind in kinds
    ]
    table(("stage", "worker us/record", "postgres us/record"), rows)


def copy_limit(here: Server, tools: Tools) -> tuple[Reading, int]:
    """COPY of every row that the line left into the same indexed tables of an empty database: the physical limit.

    Taken right after the load: what later passes add is none of its rows.
    """
    with tools.transaction() as source:
        names = [
            name
            for (name,) in source.execute(
                "select format('%%I.%%I', n.nspname, c.relname) from pg_class c join pg_namespace n"
                " on n.oid = c.relnamespace where c.relkind = 'r' and n.nspname = any(%s)"
                " order by n.nspname, c.relname desc",
                (list(SCHEMAS),),
            )
        ]
        rows: dict[str, list[bytes]] = {}
        n_rows = 0
        for name in names:
            with source.copy(f"copy {name} to stdout (format binary)") as out:
                rows[name] = _joined([bytes(chunk) for chunk in out])
            n_rows += source.rowcount
    with here.tools() as empty:
        with empty.transaction() as cursor:
            cursor.execute("truncate " + ", ".join(names))
        wait_for_vacuum(empty)
        with measured(here.postmaster) as reading, empty.transaction() as cursor:
            for name in names:
                with cursor.copy(f"copy {name} from stdin (format binary)") as copy:
                    for piece in rows[name]:
                        copy.write(piece)
    return reading, n_rows


def _joined(chunks: list[bytes], size: int = 1_000) -> list[bytes]:
    """Larger pieces, as a bulk loader sends them."""
    return [b"".join(chunks[start : start + size]) for start in range(0, len(chunks), size)]
