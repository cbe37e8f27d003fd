"""What a part of the lab prints: one table, then its figures."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog


def quiet() -> None:
    """What the lab breaks on purpose is not logged."""
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@dataclass
class Report:
    """Rows of one table and the figures below it; ``failures`` says what did not hold."""

    columns: tuple[str, ...]
    rows: list[tuple[object, ...]] = field(default_factory=list)
    figures: list[tuple[str, object, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def row(self, *values: object) -> None:
        """One more row, as wide as the columns."""
        assert len(values) == len(self.columns)
        self.rows.append(values)

    def figure(self, name: str, value: object, unit: str = "") -> None:
        """``FIGURE name value unit``."""
        self.figures.append((name, value, unit))

    def must(self, holds: bool, sentence: str) -> None:
        """Remembers what did not hold."""
        if not holds:
            self.failures.append(sentence)

    def end(self) -> int:
        """Prints everything; the exit code."""
        print(_table(self.columns, self.rows))
        for name, value, unit in self.figures:
            print(f"FIGURE {name} {value} {unit}".rstrip())
        for sentence in self.failures:
            print(f"FAILED {sentence}")
        return 1 if self.failures else 0


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    cells = [[str(cell) for cell in row] for row in (columns, *rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    )
