"""People told apart without any label or id, by ``worker/merge/people.py``: B3 and pair F1 over labelled mentions.

AMiner: 109 names that several people share, one group a name, every mention labelled with its person. ICLR 2024: all
authors of the accepted papers by name alone, labelled by their OpenReview profiles.
"""

from __future__ import annotations

import gzip
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from statistics import mean

from bench.meter import figure, table
from bench.scaledata import FOLDER
from worker.merge.people import Mention, people
from worker.normalise.names import keys, name_key

DATA = FOLDER.parent / "author_disambiguation"
Labelled = tuple[Mention, str]


def main() -> None:
    """Both sets; figures are means over the groups, as published ones are."""
    rows = []
    for name, groups in (("aminer", _aminer()), ("iclr2024", _iclr())):
        start = time.process_time()
        answers = [_answer([mention for mention, _ in group]) for group in groups]
        spent_s = time.process_time() - start
        truths = [[label for _, label in group] for group in groups]
        precision, recall = _b3(answers, truths)
        pairs = mean(_pair_f1(a, t) for a, t in zip(answers, truths, strict=True))
        b3 = 2 * precision * recall / (precision + recall)
        n = sum(map(len, groups))
        rows.append((name, len(groups), n, precision, recall, b3, pairs, n / spent_s))
    table(("set", "names", "mentions", "B3 precision", "B3 recall", "B3 F1", "pair F1", "mentions/cpu-s"), rows)
    for name, *_, b3, pairs, speed in rows:
        figure(f"people_{name}_b3", b3, "F1")
        figure(f"people_{name}_pairs", pairs, "F1")
        figure(f"people_{name}", speed, "mentions/cpu-s")


def _aminer() -> list[list[Labelled]]:
    groups: dict[str, list[Labelled]] = defaultdict(list)
    with gzip.open(DATA / "aminer_names" / "publications.jsonl.gz") as lines:
        for row in map(json.loads, lines):
            name = row["ambiguous_name"]
            others = [key for other in row["authors"] or () if (key := name_key(other)) != name_key(name)]
            mention = Mention(name, name_key(name), coauthors=frozenset(others))
            groups[name].append((mention, row["label"]))
    return list(groups.values())


def _iclr() -> list[list[Labelled]]:
    """Mentions by name block. ``~Chen_Zhao6`` is the sixth Chen Zhao; e-mail addresses name nobody."""
    groups: dict[str, list[Labelled]] = defaultdict(list)
    with gzip.open(DATA / "openreview_authorids" / "iclr2024_authorids.json.gz") as file:
        for paper in json.load(file)["records"]:
            named = [(_PROFILE.sub(" ", p).strip(), p) for p in paper["authorids"] if p.startswith("~")]
            for name, profile in named:
                key, block = keys(name)
                others = frozenset(name_key(other) for other, _ in named if other != name)
                groups[block].append((Mention(name, key, coauthors=others), profile))
    return list(groups.values())


_PROFILE = re.compile(r"[~_]|[0-9]+$")


def _answer(mentions: Sequence[Mention]) -> list[int]:
    """For every mention the number of its person."""
    found = [0] * len(mentions)
    for number, person in enumerate(people(mentions)):
        for position in person.mentions:
            found[position] = number
    return found


def _b3(answers: Iterable[Sequence[int]], truths: Iterable[Sequence[str]]) -> tuple[float, float]:
    """B-cubed precision and recall, the mean over groups of the mean over mentions."""
    precisions, recalls = [], []
    for answer, truth in zip(answers, truths, strict=True):
        both = Counter(zip(answer, truth, strict=True))
        found, real = Counter(answer), Counter(truth)
        precisions.append(mean(both[a, t] / found[a] for a, t in zip(answer, truth, strict=True)))
        recalls.append(mean(both[a, t] / real[t] for a, t in zip(answer, truth, strict=True)))
    return mean(precisions), mean(recalls)


def _pair_f1(answer: Sequence[int], truth: Sequence[str]) -> float:
    """F1 over pairs of mentions of one group; a group without any true or found pair is right."""
    pairs = [sum(n * (n - 1) // 2 for n in Counter(some).values()) for some in (answer, truth)]
    both = sum(n * (n - 1) // 2 for n in Counter(zip(answer, truth, strict=True)).values())
    return 2 * both / sum(pairs) if sum(pairs) else 1.0
