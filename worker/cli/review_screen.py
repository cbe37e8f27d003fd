"""The screen of ``pubcat review``: both records side by side, what differs, what speaks for and against; five keys."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Footer, Static

from worker.cli import decide
from worker.cli.review import FIELDS, Doubt, differing, document, fields
from worker.errors import IngestError
from worker.pipeline import decisions

if TYPE_CHECKING:
    from catalog.engine import Cursor
    from worker.pipeline.decisions import Draft
    from worker.record import Record
    from worker.tools import Tools

DIFFERS = "bold yellow"
LONGEST = 900
"""Letters of a text shown; enough to tell two abstracts apart."""
COUNTED = {"y": "same", "n": "different", "s": "skipped"}


@dataclass(frozen=True)
class Answer:
    """What was answered to a pair, and the number of the decision, if it was one."""

    key: str
    decision: int | None = None


class Review(App[dict[str, int]]):
    """Asks about one pair after the other; every answer is in the ledger before the next question."""

    TITLE = "pubcat review"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #top { height: 1; background: $primary; color: $text; padding: 0 1; }
    #sides { height: auto; max-height: 65%; }
    #sides VerticalScroll { width: 1fr; height: auto; max-height: 100%; border: round $primary; padding: 0 1; }
    #evidence { border: round $primary; padding: 0 1; height: 1fr; }
    #said { height: 1; padding: 0 1; color: $warning; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer('y')", "same"),
        Binding("n", "answer('n')", "different"),
        Binding("s", "answer('s')", "skip"),
        Binding("u", "undo", "undo"),
        Binding("q", "leave", "quit"),
    ]

    def __init__(self, tools: Tools, doubts: list[Doubt], by: str | None = None) -> None:
        super().__init__()
        self._tools = tools
        self._doubts = doubts
        self._by = by
        self._answers: list[Answer] = []

    def compose(self) -> ComposeResult:
        """The parts of the screen, from the top."""
        yield Static(id="top")
        with Horizontal(id="sides"):
            for side in ("a", "b"):
                with VerticalScroll(id=f"side-{side}"):
                    yield Static(id=side)
        with VerticalScroll(id="evidence"):
            yield Static(id="reasons")
        yield Static(id="said")
        yield Footer()

    def on_mount(self) -> None:
        """Shows the first pair."""
        self._ask()
        if not self.is_headless:
            self.set_interval(1.0, self._leave_a_closed_terminal)

    def _leave_a_closed_terminal(self) -> None:
        """A terminal that vanished sends no key any more, and the screen would wait for one for ever."""
        if not os.isatty(sys.stdin.fileno()):
            self.exit(self.counts)

    @property
    def counts(self) -> dict[str, int]:
        """How many were answered how."""
        return {name: sum(answer.key == key for answer in self._answers) for key, name in COUNTED.items()}

    def _ask(self, said: str = "") -> None:
        """Shows the next pair that nothing decided meanwhile; leaves after the last."""
        with self._tools.transaction() as cursor:
            while len(self._answers) < len(self._doubts) and not _is_open(cursor, self._doubts[len(self._answers)]):
                self._answers.append(Answer("-"))
            if len(self._answers) == len(self._doubts):
                self.exit(self.counts)
                return
            doubt = self._doubts[len(self._answers)]
            a, b = document(cursor, doubt.a), document(cursor, doubt.b)
        counts = " · ".join(f"{count} {name}" for name, count in self.counts.items())
        self.query_one("#top", Static).update(
            f"{len(self._answers) + 1} of {len(self._doubts)} · {counts} · are these one work? score {doubt.score:.2f}"
        )
        for side, subject, paper, ours, theirs in (
            ("a", doubt.a, doubt.paper_a, a, b),
            ("b", doubt.b, doubt.paper_b, b, a),
        ):
            self.query_one(f"#side-{side}").border_title = f"{subject} in p-{paper:06d}"
            self.query_one(f"#{side}", Static).update(_side(ours, theirs))
        self.query_one("#evidence").border_title = "evidence for (+) and against (-)"
        self.query_one("#reasons", Static).update(_evidence(doubt))
        self.query_one("#said", Static).update(said)

    def action_answer(self, key: str) -> None:
        """Decides the present pair, or skips it."""
        if len(self._answers) == len(self._doubts):
            return  # typed ahead, beyond the last pair
        doubt = self._doubts[len(self._answers)]
        if key == "s":
            self._answers.append(Answer("s"))
            self._ask()
            return

        def draft(cursor: Cursor) -> Draft:
            if key == "y":
                made = decisions.same("paper", (doubt.a, doubt.b))
            else:
                made = decisions.different("paper", ((doubt.a,), (doubt.b,)))
            decisions.check(cursor, made)
            return made

        number, said = self._decide(draft)
        if number is not None:
            self._answers.append(Answer(key, number))
            self._ask(said)

    def action_undo(self) -> None:
        """Goes back to the last pair answered, and takes its decision back."""
        while self._answers and self._answers[-1].key == "-":
            self._answers.pop()
        if not self._answers:
            self.query_one("#said", Static).update("nothing to undo")
            return
        answer = self._answers[-1]
        said = "skipped before"
        if answer.decision is not None:
            number, said = self._decide(lambda cursor: decisions.undoing(cursor, answer.decision))
            if number is None:
                return
        self._answers.pop()
        self._ask(said)

    def action_leave(self) -> None:
        """Ends; the answers given stand."""
        self.exit(self.counts)

    def _decide(self, draft: decide.Drafting) -> tuple[int | None, str]:
        """Writes a decision: its number, and its words; what is refused is said on the screen."""
        try:
            outcome = decide.decide(self._tools, draft, by=self._by, why="review", patient=False)
        except IngestError as error:
            self.query_one("#said", Static).update(str(error))
            return None, ""
        return outcome.decision["decision"], outcome.decision["text"]


def _is_open(cursor: Cursor, doubt: Doubt) -> bool:
    """Whether the two records are still there, in two papers."""
    row = cursor.execute(
        "select count(distinct m.paper_id) = 2 from catalog.record r join catalog.member m using (record_id)"
        " join unnest(%s::text[], %s::text[]) n(source, source_key) using (source, source_key)",
        ([doubt.a.source, doubt.b.source], [doubt.a.key, doubt.b.key]),
    ).fetchone()
    return bool(row and row[0])


def _side(record: Record, other: Record) -> Table:
    """One record; what the other lacks is marked."""
    ours, theirs = fields(record), fields(other)
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name in FIELDS:
        if ours[name] or theirs[name]:
            table.add_row(name, _marked(ours[name][:LONGEST], theirs[name][:LONGEST]))
    return table


def _marked(ours: str, theirs: str) -> Text:
    text = Text()
    if not ours:
        text.append("not told", style="dim italic")
    for word, differs in differing(ours, theirs):
        text.append(word, style=DIFFERS if differs and theirs else "")
    return text


def _evidence(doubt: Doubt) -> Table:
    """The reasons, the weightiest first."""
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for reason in doubt.reasons:
        style = "green" if reason.weight > 0 else "red" if reason.weight < 0 else "dim"
        detail = Text(f"  {reason.detail}", style="dim") if reason.detail else Text()
        table.add_row(Text(f"{reason.weight:+.1f}", style=style), Text(reason.sentence) + detail)
    return table
