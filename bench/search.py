"""``analytics.search_papers`` with rare and common words, each word its own measurement; warm, one client."""

from __future__ import annotations

import random
import time
from collections import Counter
from statistics import quantiles

from bench import scaledata
from bench.home import server
from bench.meter import figure, table
from worker.tools import Tools

QUERIES = 200


def main(records: int) -> None:
    """Over the first ``records`` lines of the real files; see ``bench scale`` for a million."""
    with server() as here, here.tools() as tools:
        scaledata.ingested(tools, records)
        scaledata.counts(tools)
        measure(tools)


def measure(tools: Tools) -> None:
    """p50 and p95 of three words of a title, one rare word, and the most common words there are."""
    dice = random.Random(7)
    with tools.transaction() as cursor:
        cursor.execute("select title from catalog.paper where title is not null order by paper_id limit 50000")
        titles = [row[0] for row in cursor.fetchall()]
    words = Counter(w.lower() for title in titles for w in title.split() if w.isalpha() and len(w) > 3)
    common = [word for word, _ in words.most_common(20)]
    rare = [word for word, n in words.items() if n == 1] or common
    kinds = {
        "three words": [" ".join(title.split()[-3:]) for title in dice.choices(titles, k=QUERIES)],
        "one rare word": dice.choices(rare, k=QUERIES),
        "one common word": dice.choices(common, k=QUERIES),
        "a whole title": dice.choices(titles, k=QUERIES),
    }
    rows = []
    for kind, queries in kinds.items():
        waits = _waits(tools, queries)
        cuts = quantiles(waits, n=20)
        rows.append((kind, cuts[9], cuts[18], max(waits)))
    table(("query", "p50 ms", "p95 ms", "max ms"), rows)
    for kind, p50, p95, _ in rows:
        name = kind.replace(" ", "_")
        figure(f"search_{name}_p50", p50, "ms")
        figure(f"search_{name}_p95", p95, "ms")


def _waits(tools: Tools, queries: list[str]) -> list[float]:
    waits = []
    with tools.transaction() as cursor:
        for query in ["warm", *queries]:
            start = time.perf_counter()
            cursor.execute("select * from analytics.search_papers(%s, null, 20)", (query,)).fetchall()
            waits.append(1e3 * (time.perf_counter() - start))
    return waits[1:]
