"""Clusters do not depend on order or numbers, never join what is different, and cost a bounded amount."""

import random
import time
from dataclasses import dataclass
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from worker.match.clusters import FIRM_OUTVOTE, MOST_JUDGED, Edge, Node, clusters


@dataclass(frozen=True)
class Said:
    kind: str
    score: float
    is_torn: bool = False
    is_certain: bool = False
    is_by_title: bool = False


def world(said: dict[frozenset[int], Said], names: list[int]):
    """Edges and a judge over numbers, after a table of verdicts; what is not there is unsure."""
    edges = [Edge(min(pair), max(pair), verdict.score) for pair, verdict in said.items() if verdict.kind == "same"]

    def judge(a: int, b: int) -> Said:
        return said.get(frozenset((a, b)), Said("unsure", 0.6))

    return edges, judge


verdicts = st.dictionaries(
    st.frozensets(st.integers(0, 8), min_size=2, max_size=2),
    st.builds(
        lambda same, score: Said("same", 0.9 + score / 10) if same else Said("different", score / 25),
        st.booleans(),
        st.sampled_from([0.0, 0.3, 0.7, 0.9]),
    ),
    max_size=24,
)


@settings(max_examples=200)
@given(verdicts, st.lists(st.sampled_from([None, None, "dblp", "acm"]), min_size=9, max_size=9), st.randoms())
def test_order_and_numbers_do_not_count(
    said: dict[frozenset[int], Said], groups: list[str | None], shuffle: random.Random
) -> None:
    nodes = [Node(n, str(n).encode(), groups[n]) for n in range(9)]
    edges, judge = world(said, list(range(9)))
    plain = clusters(nodes, edges, judge)

    numbers = list(range(100, 109))
    shuffle.shuffle(numbers)
    renamed = dict(enumerate(numbers))
    back = {new: old for old, new in renamed.items()}
    nodes = [Node(renamed[node.id], node.tie, node.group) for node in nodes]
    edges = [
        Edge(a, b, edge.score)
        for edge in shuffle.sample(edges, len(edges))
        for a, b in [shuffle.sample([renamed[edge.a], renamed[edge.b]], 2)]
    ]
    shuffle.shuffle(nodes)
    other = clusters(nodes, edges, lambda a, b: judge(back[a], back[b]))
    assert [[back[number] for number in group] for group in other] == plain
    assert sorted(number for group in plain for number in group) == list(range(9))


@given(verdicts, st.lists(st.sampled_from([None, "dblp"]), min_size=9, max_size=9))
def test_what_is_different_meets_only_when_outvoted(said: dict[frozenset[int], Said], groups: list[str | None]) -> None:
    nodes = [Node(n, str(n).encode(), groups[n]) for n in range(9)]
    edges, judge = world(said, list(range(9)))
    for group in clusters(nodes, edges, judge):
        kinds = [judge(a, b).kind for a, b in combinations(group, 2)]
        assert kinds.count("different") * FIRM_OUTVOTE <= kinds.count("same")
        for a, b in combinations(group, 2):
            assert not groups[a] or groups[a] != groups[b] or judge(a, b).kind == "same"


def test_a_hub_does_not_chain_two_works() -> None:
    """The hub fits both, the works are different from each other: it goes to the one it fits better."""
    said = {
        frozenset((1, 2)): Said("same", 0.99),
        frozenset((2, 3)): Said("same", 0.95),
        frozenset((1, 3)): Said("different", 0.01),
    }
    edges, judge = world(said, [1, 2, 3])
    nodes = [Node(n, str(n).encode()) for n in (1, 2, 3)]
    assert clusters(nodes, edges, judge) == [[1, 2], [3]]


def test_a_hub_does_not_chain_works_that_contradict_each_other() -> None:
    """Numbers 1 and 2 are conference and journal versions, 3 tells neither place nor year and fits both."""
    said = {frozenset((1, n)): Said("unsure", 0.88, is_torn=True) for n in (20, 21)}
    said |= {frozenset((20, 21)): Said("same", 0.99), frozenset((3, 20)): Said("same", 0.95)}
    said |= {frozenset((3, 21)): Said("same", 0.95), frozenset((1, 3)): Said("same", 0.92)}
    nodes = [Node(n, f"{n:02}".encode()) for n in (1, 3, 20, 21)]
    edges, judge = world(said, [])
    assert clusters(nodes, edges, judge) == [[1], [3, 20, 21]]
    # Little known is no contradiction.
    said |= {frozenset((1, n)): Said("unsure", 0.88) for n in (20, 21)}
    edges, judge = world(said, [])
    assert clusters(nodes, edges, judge) == [[1, 3, 20, 21]]


def test_among_equal_pairs_the_one_that_most_vouch_for_comes_first() -> None:
    """Number 2 fits a work cited often (20, 21, 22) and one cited once (1) equally well: the former is likelier."""
    said = {frozenset((a, b)): Said("same", 0.95) for a, b in combinations((2, 20, 21, 22), 2)}
    said |= {frozenset((1, n)): Said("unsure", 0.88, is_torn=True) for n in (20, 21, 22)}
    said[frozenset((1, 2))] = Said("same", 0.95)
    edges, judge = world(said, [])
    for once in (b"00", b"99"):
        nodes = [Node(1, once), *(Node(n, f"{n:02}".encode()) for n in (2, 20, 21, 22))]
        assert [group for group in clusters(nodes, edges, judge) if 1 in group] == [[1]]


def test_what_an_identifier_joined_goes_by_both_titles() -> None:
    """A work was submitted under one title (1) and printed under another (2), a third source knows the latter (3)."""
    said = {
        frozenset((1, 2)): Said("same", 0.99, is_certain=True),
        frozenset((2, 3)): Said("same", 0.97),
        frozenset((1, 3)): Said("different", 0.001, is_by_title=True),
    }
    nodes = [Node(n, str(n).encode()) for n in (1, 2, 3)]
    edges, judge = world(said, [])
    assert clusters(nodes, edges, judge) == [[1, 2, 3]]
    # Other authors are not explained by another title, and like titles are no identifier.
    for pair, verdict in (((1, 3), Said("different", 0.001)), ((1, 2), Said("same", 0.99))):
        edges, judge = world({**said, frozenset(pair): verdict}, [])
        assert clusters(nodes, edges, judge) == [[1, 2], [3]]


def test_one_partner_in_a_source_that_lists_each_work_once() -> None:
    """Of two candidates the stronger wins, though nothing says that they differ."""
    said = {frozenset((1, 10)): Said("same", 0.95), frozenset((2, 10)): Said("same", 0.97)}
    edges, judge = world(said, [1, 2, 10])
    nodes = [Node(1, b"a", "dblp"), Node(2, b"b", "dblp"), Node(10, b"c", "acm")]
    assert clusters(nodes, edges, judge) == [[1], [2, 10]]
    said[frozenset((1, 2))] = Said("same", 0.9)
    edges, judge = world(said, [1, 2, 10])
    assert clusters(nodes, edges, judge) == [[1, 2, 10]]


def test_a_poor_record_is_outvoted_and_a_firm_one_is_not() -> None:
    crowd = range(8)
    said = {frozenset((a, b)): Said("same", 0.99) for a in crowd for b in crowd if a < b}
    said |= {frozenset((20, a)): Said("same", 0.95) for a in crowd}
    nodes = [Node(n, f"{n:02}".encode()) for n in (*crowd, 20)]
    said[frozenset((20, 3))] = Said("different", 0.3)
    edges, judge = world(said, [])
    assert clusters(nodes, edges, judge) == [[*crowd, 20]]
    said[frozenset((20, 3))] = Said("different", 0.05)
    edges, judge = world(said, [])
    assert clusters(nodes, edges, judge) == [[*crowd], [20]]


def test_one_garbled_record_does_not_split_a_work_cited_often() -> None:
    """Number 3 has another work's authors: it is different from whatever comes, and everybody else vouches."""
    crowd = range(30)
    said = {frozenset((a, b)): Said("same", 0.99) for a in crowd for b in crowd if a < b}
    said |= {frozenset((40, a)): Said("same", 0.95) for a in crowd}
    said[frozenset((40, 3))] = Said("different", 0.001)
    nodes = [Node(n, f"{n:02}".encode()) for n in (*crowd, 40)]
    edges, judge = world(said, [])
    assert clusters(nodes, edges, judge) == [[*crowd, 40]]


def test_people_decide_before_the_rules() -> None:
    said = {frozenset((1, 2)): Said("same", 0.99), frozenset((2, 3)): Said("different", 0.01)}
    edges, judge = world(said, [1, 2, 3])
    nodes = [Node(n, str(n).encode()) for n in (1, 2, 3)]
    assert clusters(nodes, edges, judge, together=frozenset({(3, 2)})) == [[1, 2, 3]]
    assert clusters(nodes, edges, judge, apart=frozenset({(2, 1)})) == [[1], [2], [3]]
    both = clusters(nodes, edges, judge, together=frozenset({(1, 2)}), apart=frozenset({(1, 2)}))
    assert both == [[1], [2], [3]]


def test_what_people_joined_against_the_rules_keeps_its_sides() -> None:
    """Two works somebody called one: records like either join it, though each is different from the other side."""
    said = {frozenset(pair): Said("different", 0.001) for pair in ((1, 2), (1, 20), (2, 10), (10, 20))}
    said |= {frozenset((1, 10)): Said("same", 0.99), frozenset((2, 20)): Said("same", 0.99)}
    edges, judge = world(said, [])
    nodes = [Node(n, f"{n:02}".encode()) for n in (1, 2, 10, 20)]
    assert clusters(nodes, edges, judge) == [[1, 10], [2, 20]]
    assert clusters(nodes, edges, judge, together=frozenset({(1, 2)})) == [[1, 2, 10, 20]]
    kept = clusters(nodes, edges, judge, together=frozenset({(1, 2)}), apart=frozenset({(1, 20)}))
    assert kept == [[1, 2, 10], [20]]


def test_a_component_of_thousands_costs_a_bounded_amount() -> None:
    """Two works cited thousands of times, and hubs that fit both: told apart, every union judged on a sample."""
    n, dice = 4_000, random.Random(5)
    works = [list(range(0, n, 2)), list(range(1, n, 2))]
    hubs = range(n, n + 5)
    asked = 0

    def judge(a: int, b: int) -> Said:
        nonlocal asked
        asked += 1
        return Said("same", 0.95) if a % 2 == b % 2 or max(a, b) >= n else Said("different", 0.01)

    edges = [
        Edge(min(number, other), max(number, other), 0.95 + dice.random() / 50)
        for work in works
        for number in work
        for other in [dice.choice(work) for _ in range(10)]
    ]
    edges += [Edge(number, hub, 0.92) for hub in hubs for number in range(n)]
    nodes = [Node(number, f"{number:05}".encode()) for number in range(n + len(hubs))]
    started = time.process_time()
    found = clusters(nodes, [edge for edge in edges if edge.a != edge.b], judge)
    assert sorted(len(group) for group in found)[-2:] >= [n // 2, n // 2]
    assert sum(len(group) for group in found) == n + len(hubs)
    for group in found:
        assert len({number % 2 for number in group if number < n}) <= 1
    assert asked <= 2 * n * MOST_JUDGED
    assert time.process_time() - started < 30
