"""Mutated bytes for every reader of files: records or ``Malformed``, nothing else, in bounded time and memory.

Each reader gets its fixtures with bytes changed, dropped, doubled and moved, until so many mutated bytes were read.
Seeds are counted up from ``--seed``, so a failure is repeated by its number. A payload may take 2 s of CPU; the whole
run of one reader may grow by 512 MB.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from worker.errors import Malformed
from worker.page import Page, Source
from worker.record import decode, encode

FIXTURES = Path(__file__).parents[1] / "sources"
LONGEST_S = 2.0
LARGEST_MB = 512
SIGNS = (
    b'"', b"\\ud800", b"\\u0000", b"null", b"\x00", b"\n", b"[", b"{", b"}", b"1e999", b"&lt;", b"<", b">", b"</", b"@",
    b"&nbsp;", b"&#0;", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"<![CDATA[", b"- ", b"*a", b"&a ", b"\xff\xfe", b"\xc3",
    b"#", b" and ", b"\\'", b"$", b"\r", b"%0 ", b"TY  - ", b"ER  - ", b"10.1/", b"9" * 400,
)  # fmt: skip


@dataclass
class Outcome:
    """What became of the mutated pages of one reader."""

    n_bytes: int = 0
    n_payloads: int = 0
    n_records: int = 0
    n_malformed: int = 0
    longest_s: float = 0.0
    grown_mb: float = 0.0
    wrong: list[str] = field(default_factory=list)


def main(argv: list[str]) -> int:
    """Runs the readers named, or all that have fixtures."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab fuzz", description=__doc__)
    parser.add_argument("readers", nargs="*", help="adapters, such as bibtex ris oai; all that have fixtures")
    parser.add_argument("--bytes", type=int, default=1_000_000, help="mutated bytes a reader")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(argv)
    names = given.readers or sorted({path.parent.name for path in FIXTURES.glob("*/page*")})
    failed = False
    print(f"{'reader':<18}{'MB':>7}{'payloads':>10}{'records':>10}{'malformed':>11}{'longest s':>11}{'grown MB':>10}")
    for name in names:
        one = fuzz(name, given.bytes, given.seed)
        failed = failed or bool(one.wrong)
        print(
            f"{name:<18}{one.n_bytes / 1e6:>7.1f}{one.n_payloads:>10}{one.n_records:>10}{one.n_malformed:>11}"
            f"{one.longest_s:>11.3f}{one.grown_mb:>10.0f}",
            flush=True,
        )
        for text in one.wrong[:10]:
            print(f"    {text}")
        print(f"FIGURE fuzz_{name}_uncaught {len(one.wrong)} errors in {one.n_bytes} bytes", flush=True)
    return 1 if failed else 0


def fuzz(name: str, n_bytes: int, seed: int = 0) -> Outcome:
    """Reads mutated fixtures of one reader until so many bytes were read."""
    source: Source = import_module(f"worker.sources.{name}").SOURCE
    bodies = [path.read_bytes() for path in sorted((FIXTURES / name).glob("page*"))]
    outcome = Outcome()
    before_mb = _peak_mb()
    while outcome.n_bytes < n_bytes and len(outcome.wrong) < 10:
        chance = random.Random(seed)
        body = mutated(chance.choice(bodies), chance)
        _read(source, body, seed, outcome)
        seed += 1
    outcome.grown_mb = _peak_mb() - before_mb
    if outcome.grown_mb > LARGEST_MB:
        outcome.wrong.append(f"grew by {outcome.grown_mb:.0f} MB")
    return outcome


def _read(source: Source, body: bytes, seed: int, outcome: Outcome) -> None:
    outcome.n_bytes += len(body)
    outcome.n_payloads += 1
    started = time.process_time()
    try:
        for one in source.read(Page("mutated", body)):
            if isinstance(one, Malformed):
                outcome.n_malformed += 1
                continue
            outcome.n_records += 1
            document = encode(one)
            if b"\\u0000" in document.replace(b"\\\\", b"") or decode(document) != one:
                outcome.wrong.append(f"seed {seed}: a record that cannot be stored: {document[:200]!r}")
    except Malformed:
        outcome.n_malformed += 1
    except BaseException as error:
        outcome.wrong.append(f"seed {seed}: {type(error).__name__}: {error}")
        if isinstance(error, KeyboardInterrupt):
            raise
    took_s = time.process_time() - started
    outcome.longest_s = max(outcome.longest_s, took_s)
    if took_s > LONGEST_S:
        outcome.wrong.append(f"seed {seed}: {took_s:.1f} s for {len(body)} bytes")


def mutated(body: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, dropped, doubled or moved, signs put in, pieces repeated, or the end cut off."""
    result = bytearray(body)
    for _ in range(chance.choice((1, 1, 2, 4, 16, 64))):
        if not result:
            break
        at = chance.randrange(len(result))
        run = chance.choice((1, 1, 1, 5, 40, 400))
        match chance.randrange(8):
            case 0:
                result[at] = chance.randrange(256)
            case 1:
                del result[at : at + run]
            case 2:
                result[at:at] = result[at : at + run]
            case 3 if chance.random() < 0.2:
                del result[at + len(result) // 2 :]
            case 4 | 5:
                result[at:at] = chance.choice(SIGNS)
            case 6 if chance.random() < 0.1:
                result[at:at] = chance.choice(SIGNS) * chance.choice((50, 500, 5000))
            case _:
                other = chance.randrange(len(result))
                result[at : at + run], result[other : other + run] = result[other : other + run], result[at : at + run]
    return bytes(result)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024)
