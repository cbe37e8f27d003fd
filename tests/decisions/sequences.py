"""One random sequence, and what must hold after it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import psycopg

from tests.decisions.world import SOURCES, VALUES, Page, pages
from tests.line import ask, bring, digest
from worker import run
from worker.cli import paper_decisions
from worker.cli.decide import Said, decide
from worker.errors import Misconfigured
from worker.match import decisions as rules
from worker.match.decisions import Decided
from worker.pipeline import decisions, reindex
from worker.pipeline.decisions import Draft, Subject
from worker.tools import Tools

STEPS = 12

_EMPTY = """
    do $$ declare t text; begin
        set local session_replication_role = replica;  -- foreign keys would want an order
        for t in select format('%I.%I', schemaname, relname) from pg_stat_user_tables
                 where schemaname in ('catalog', 'ops', 'raw')
        loop execute 'delete from ' || t; end loop;
    end $$
"""
_MADE = """
    select d.decision_id, d.entity, d.kind, d.field, d.value, d.undoes, d.is_live, d.actor, a.side, a.position,
           a.source, a.source_key
    from catalog.decision d join catalog.decision_about a using (decision_id)
    order by d.decision_id, a.side, a.position
"""


@dataclass
class Run:
    """What one sequence did."""

    seed: int
    brought: list[Page] = field(default_factory=list)
    made: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    numbers: set[int] = field(default_factory=set)
    """Every paper number ever seen."""


def sequence(tools: Tools, seed: int, steps: int = STEPS) -> Run:
    """Random decisions, payloads and reindexes on an empty database."""
    dice = random.Random(seed)
    empty(tools)
    done = Run(seed)
    waiting = pages(seed)
    dice.shuffle(waiting)
    for _ in range(len(waiting) // 2):
        _bring(tools, done, waiting.pop())
    while sum(done.steps.values()) < steps:
        step = dice.choice(_STEPS)
        name = step(tools, dice, done, waiting)
        if name is not None:
            done.steps[name] += 1
            done.numbers |= {row[0] for row in ask(tools, "select paper_id from catalog.paper")}
    return done


def empty(tools: Tools) -> None:
    """A database as if it were new, but for its sequences."""
    with tools.transaction() as cursor:
        cursor.execute(_EMPTY)


def _bring(tools: Tools, done: Run, page: Page) -> None:
    bring(tools, page.source, page.rows, name=page.name, as_of=page.as_of, unique=page.unique)
    done.brought.append(page)


def _ingest(tools: Tools, dice: random.Random, done: Run, waiting: list[Page]) -> str | None:
    """Something new, or something once more."""
    if waiting and dice.random() < 0.7:
        _bring(tools, done, waiting.pop())
        return "ingest"
    _bring(tools, done, dice.choice(done.brought))
    return "ingest again"


def _reindex(tools: Tools, dice: random.Random, done: Run, waiting: list[Page]) -> str | None:
    with tools.transaction() as cursor:
        reindex.start(cursor, parser=dice.random() < 0.3)
    run.drain(tools)
    return "reindex"


def _merge(tools: Tools, dice: random.Random, done: Run, waiting: list[Page]) -> str | None:
    names = [_name(tools, dice) for _ in range(dice.choice((2, 2, 2, 3)))]
    return _decided(tools, done, "same", lambda cursor: paper_decisions.merging(cursor, names))


def _differ(tools: Tools, dice: random.Random, done: Run, waiting: list[Page]) -> str | None:
    one, other = _name(tools, dice), _name(tools, dice)
    return _decided(tools, done, "different", lambda cursor: paper_decisions.parting(cursor, one, other))


def _split(tools: Tools, dice: random.Random, done: Run, waiting: list[Page]) -> str | None:
    found = ask(tools, "select paper_id from catalog.paper where n_records > 1 order by paper_id")
    if not found:
        return None
    paper = str(dice.choice(found)[0])
    members = ask(
        tools,
        "select r.source || ':' || r.source_key from catalog.member join catalog.record r using (record_id)"
        " where paper_id = %s order by 1",
        (paper,),
    )
    leaving = dice.sample([row[0] for row in members], dice.randrange(len(members)))
    return _decided(tools, done, "split", lambda cursor: paper_decisions.splitting(cursor, paper, leaving))


def _fix(tools: Tools, dice: random.Random, done: Run, waiting: list[Page]) -> str | None:
    paper, name = _paper(tools, dice), dice.choice(sorted(VALUES))
    text = dice.choice([*VALUES[name], None])
    kind = "lock" if text is None else "set"
    return _decided(tools, done, kind, lambda cursor: paper_decisions.fixing(cursor, paper, name, text, kind))


def _undo(tools: Tools, dice: random.Random, done: Run, waiting: list[Page]) -> str | None:
    live = ask(tools, "select decision_id from catalog.decision where is_live order by 1")
    if not live:
        return None
    number = dice.choice([None, dice.choice(live)[0]])
    return _decided(tools, done, "undo", lambda cursor: decisions.undoing(cursor, number))


_STEPS = (
    _ingest,
    _ingest,
    _reindex,
    _merge,
    _merge,
    _merge,
    _differ,
    _differ,
    _split,
    _split,
    _fix,
    _fix,
    _undo,
    _undo,
)


def _decided(tools: Tools, done: Run, name: str, draft: Callable[[psycopg.Cursor], Draft]) -> str | None:
    """One decision by the way commands take; nothing when it is refused."""
    try:
        decide(tools, draft, by="dice", why=f"seed {done.seed}")
    except (Misconfigured, Said):
        return None
    done.made += 1
    return name


def _name(tools: Tools, dice: random.Random) -> str:
    """A paper, a record, or a record that may not be here yet."""
    return _paper(tools, dice) if dice.random() < 0.4 else f"{dice.choice(SOURCES)}:{dice.randrange(6)}"


def _paper(tools: Tools, dice: random.Random) -> str:
    return str(dice.choice(ask(tools, "select paper_id from catalog.paper order by paper_id"))[0])


# What must hold


def replay(tools: Tools, other: Tools, done: Run) -> str:
    """The digest of another database given the same payloads and decisions: the ledger first and whole, or what is
    in force among the payloads, in an order that means the same.
    """
    dice = random.Random(done.seed + 1)
    empty(other)
    brought = list(dict.fromkeys((page.source, page.name, page.as_of) for page in done.brought))
    page_of = {(page.source, page.name, page.as_of): page for page in done.brought}
    payloads = [page_of[key] for key in brought]
    dice.shuffle(payloads)
    if dice.random() < 0.5:
        _copy_ledger(tools, other)
        steps: list[Page | Draft] = [*payloads]
    else:
        steps = _mixed(dice, payloads, _shuffled(dice, _live(tools)))
    for step in steps:
        if isinstance(step, Page):
            bring(other, step.source, step.rows, name=step.name, as_of=step.as_of, unique=step.unique)
        else:
            with other.transaction() as cursor:
                decisions.call(cursor, decisions.write(cursor, step, "dice", None), step)
            run.drain(other)
    return digest(other)


def _copy_ledger(tools: Tools, other: Tools) -> None:
    with tools.transaction() as source, other.transaction() as target:
        for table in ("decision", "decision_about"):
            with (
                source.copy(f"copy catalog.{table} to stdout") as out,
                target.copy(f"copy catalog.{table} from stdin") as into,
            ):
                for block in out:
                    into.write(block)
        target.execute(
            "select setval(pg_get_serial_sequence('catalog.decision', 'decision_id'),"
            " (select coalesce(max(decision_id), 0) + 1 from catalog.decision), false)"
        )


def _live(tools: Tools) -> list[Draft]:
    """Decisions in force, in their order."""
    found: dict[int, tuple[Draft, dict[int, list[Subject]]]] = {}
    for number, entity, kind, name, value, _, live, _, side, _, source, key in ask(tools, _MADE):
        if live and kind != "undo":
            _, sides = found.setdefault(number, (Draft(entity, kind, (), name, value), {}))
            sides.setdefault(side, []).append(Subject(source, key))
    return [
        Draft(
            draft.entity, draft.kind, tuple(tuple(side) for _, side in sorted(sides.items())), draft.field, draft.value
        )
        for draft, sides in found.values()
    ]


def _shuffled(dice: random.Random, drafts: list[Draft]) -> list[Draft]:
    """Another order that means the same: neighbours change places unless the later one overrules the earlier."""
    drafts = list(drafts)
    for _ in range(4 * len(drafts)):
        if len(drafts) > 1:
            i = dice.randrange(len(drafts) - 1)
            if _commute(drafts[i], drafts[i + 1]):
                drafts[i], drafts[i + 1] = drafts[i + 1], drafts[i]
    return drafts


def _commute(a: Draft, b: Draft) -> bool:
    if a.field or b.field:
        return a.field != b.field
    ours, theirs = (rules.pairs([Decided(1, draft.kind, draft.sides)]) for draft in (a, b))
    return all(theirs.get(pair, said)[0] == said[0] for pair, said in ours.items())


def _mixed(dice: random.Random, payloads: Sequence[Page], drafts: Sequence[Draft]) -> list[Page | Draft]:
    """Both lists in one, each in its order."""
    marks = [0] * len(payloads) + [1] * len(drafts)
    dice.shuffle(marks)
    queues: tuple[Iterator[Page | Draft], Iterator[Page | Draft]] = iter(payloads), iter(drafts)
    return [next(queues[mark]) for mark in marks]


def broken(tools: Tools, done: Run) -> list[str]:
    """What does not hold, in words; told from the tables alone, by simpler means than the program's."""
    said = []
    rows = ask(tools, _MADE)
    if len({row[0] for row in rows}) != done.made:
        said.append(f"{done.made} decisions were made, {len({row[0] for row in rows})} are there")
    undone = {row[5] for row in rows if row[2] == "undo" and row[6]}
    if wrong := {row[0] for row in rows if row[6] == (row[0] in undone)}:
        said.append(f"decisions {wrong} are in force and undone, or neither")
    home = {
        (source, key): paper_id
        for source, key, paper_id in ask(
            tools,
            "select source, source_key, paper_id from catalog.record left join catalog.member using (record_id)",
        )
    }
    if lost := [name for name, paper_id in home.items() if paper_id is None]:
        said.append(f"records without paper: {lost}")
    said += _sameness(tools, home)
    said += _numbers(tools, done)
    return said


def _sameness(tools: Tools, home: dict[tuple[str, str], int]) -> list[str]:
    """Pairs that are not where people put them."""
    with tools.transaction() as cursor:
        found = rules.pairs(decisions.in_force(cursor, "paper"))
    said = []
    for (one, other), (kind, number) in found.items():
        a, b = home.get((one.source, one.key)), home.get((other.source, other.key))
        if a is None or b is None:
            continue
        if kind == "different" and a == b:
            said.append(f"decision {number}: {one} and {other} are different, and one paper")
        if kind == "same" and a != b and not rules.against_same(found, [one, other]):
            said.append(f"decision {number}: {one} and {other} are the same, and two papers")
    return said


def _numbers(tools: Tools, done: Run) -> list[str]:
    """Numbers once issued that lead nowhere, or in circles."""
    living = {row[0] for row in ask(tools, "select paper_id from catalog.paper")}
    leads = dict(ask(tools, "select from_id, to_id from catalog.redirect where entity = 'paper'"))
    said = [f"p-{number} is a paper and leads to another" for number in living & leads.keys()]
    for number in done.numbers:
        here, seen = number, {number}
        while here in leads and leads[here] not in seen:
            here = leads[here]
            seen.add(here)
        if here not in living:
            said.append(f"p-{number} leads nowhere")
    stray = ask(
        tools,
        "select r.from_id from catalog.redirect r join catalog.member m using (record_id)"
        " where r.entity = 'paper' and m.paper_id <> r.to_id",
    )
    return said + [f"p-{row[0]} leads to a paper without its first record" for row in stray]


def problems(tools: Tools, other: Tools, seed: int, steps: int = STEPS) -> tuple[Run, list[str]]:
    """Runs one sequence; what went wrong, in words."""
    done = sequence(tools, seed, steps)
    said = broken(tools, done)
    before = digest(tools)
    _reindex(tools, random.Random(seed), done, [])
    if digest(tools) != before:
        said.append("a reindex changed the catalog")
    if replay(tools, other, done) != before:
        said.append("the same payloads and decisions in another order give another catalog")
    return done, said
