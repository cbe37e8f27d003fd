"""Who is who among the mentions of one name block: people from names, ids and co-authors.

Ids come first. A name alone joins what nothing keeps apart; what is ambiguous stays apart, because two people
made one are harder to undo than one person shown twice. Everything is decided over the sorted set of distinct
mentions, so neither their order nor their repetition matters.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import combinations
from operator import attrgetter
from typing import Literal, NamedTuple

from worker.merge.namesakes import compatible
from worker.normalise.names import split_name
from worker.record import Identifier

SCHEMES: tuple[str, ...] = ("orcid", "openreview_profile", "dblp_pid", "openalex", "s2_author")
"""Schemes that name people, the strongest first; others follow by name. A weaker id never overrules a stronger
one: with one ORCID two OpenReview profiles are one person, with two ORCIDs one profile is not."""

Method = Literal["orcid", "source_id", "name", "manual"]
"""How a person was recognised; ``manual``: people decided about them."""
DECIDED = "decision "
"""Begins the scheme that a decision of people is taken for: an id stronger than any other, the later the stronger.
Mentions on one side of it carry one id and are one person; those on two sides carry two."""

CONFIDENCE = {
    "manual": 1.0,
    "orcid": 0.99,
    "source_id": 0.95,
    "co_authors": 0.85,
    "name": 0.8,
    "variant": 0.75,
    "initials": 0.6,
}
"""By the weakest link that holds a person together."""
ALONE, ALONE_AMBIGUOUS, ALONE_INITIALS = 0.7, 0.4, 0.3
"""For people known by a name without any id: full, shared with somebody of another id, initials."""


class Mention(NamedTuple):
    """One spelling with one set of ids, on ``n_papers`` papers. ``coauthors``: their name keys, may be empty."""

    name: str
    name_key: str
    identifiers: tuple[Identifier, ...] = ()
    n_papers: int = 1
    coauthors: frozenset[str] = frozenset()
    decided: tuple[tuple[int, int], ...] = ()
    """Decisions of people about it: number and side."""


class Person(NamedTuple):
    """One person. ``identity`` is the natural key: the strongest id, else the plainest full name key.

    ``mentions`` are positions in what ``people`` was given; ``confidence`` is in [0, 1].
    """

    identity: str
    display_name: str
    given: str | None
    family: str | None
    identifiers: tuple[Identifier, ...]
    mentions: tuple[int, ...]
    method: Method
    confidence: float


class _Cluster:
    """Mentions held to be one person so far. Never changed: joining makes another one."""

    __slots__ = ("coauthors", "ids", "keys", "links", "mentions", "natural")

    def __init__(
        self,
        mentions: list[int],
        keys: set[str],
        ids: dict[str, set[str]],
        coauthors: set[str],
        links: frozenset[str] = frozenset(),
    ) -> None:
        self.mentions, self.keys, self.ids, self.coauthors = mentions, keys, ids, coauthors
        self.links = links
        """How it was joined: keys of ``CONFIDENCE``."""
        told = sorted((scheme, sorted(values)) for scheme, values in ids.items()) if ids else []
        self.natural: _Natural = sorted(keys), told, sorted(coauthors)
        """What it is sorted by: names, ids and co-authors, never positions."""


_Natural = tuple[list[str], list[tuple[str, list[str]]], list[str]]
_natural = attrgetter("natural")


def people(mentions: Sequence[Mention], bystanders: Sequence[str] = ()) -> list[Person]:
    """The people behind the mentions of one name block, sorted by identity.

    ``bystanders`` are folded names of further people of the block, whom nothing ties to these mentions but initials
    that could be theirs as well.

    - What people decided comes first.
    - Mentions that share an id are one person, unless a stronger id or the first initial says otherwise.
    - Mentions of one full name are one person, unless two of them carry different ids of one scheme. Then
      one without ids goes to the only one it shares co-authors with, or stays apart.
    - Full names that differ in middle names only are one person when all of them agree with each other.
    - Initials join the only full name of the block they can stand for.
    """
    if len(mentions) == 1:
        return [_alone(mentions[0])]
    clusters = _by_ids(mentions)
    clusters = _by_name(clusters)
    clusters = _by_variant(clusters)
    clusters = _by_initials(clusters, bystanders)
    holders = Counter(key for cluster in clusters for key in cluster.keys)
    shared = frozenset(key for key, count in holders.items() if count > 1)
    clusters = sorted(clusters, key=_natural)
    persons = [_person(cluster, mentions, shared) for cluster in clusters]
    taken: set[str] = set()
    for i, person in enumerate(persons):
        if person.identity in taken:  # one id that a source gave to people whose first initials differ
            persons[i] = person._replace(identity=f"{person.identity} name:{min(clusters[i].keys)}")
        taken.add(persons[i].identity)
    return sorted(persons, key=lambda person: person.identity)


def _alone(mention: Mention) -> Person:
    """The person of the only mention of a block: what most blocks hold."""
    if mention.identifiers or mention.decided:
        return _person(_cluster([mention], [0]), [mention], frozenset())
    key = _key(mention)
    given, family = split_name(mention.name)
    confidence = ALONE if is_full(key) else ALONE_INITIALS
    return Person(f"name:{key}", mention.name, given, family, (), (0,), "name", confidence)


def _key(mention: Mention) -> str:
    return mention.name_key or mention.name.casefold()


def _ids(mention: Mention) -> dict[str, set[str]]:
    """Ids by scheme; a mention with two ORCIDs has none, as nobody can tell which one is wrong."""
    found: dict[str, set[str]] = defaultdict(set)
    for identifier in mention.identifiers:
        found[identifier.scheme].add(identifier.value)
    if len(found.get("orcid", ())) > 1:
        del found["orcid"]
    for number, side in mention.decided:
        found[f"{DECIDED}{number}"].add(str(side))
    return dict(found)


def _cluster(mentions: Sequence[Mention], members: list[int]) -> _Cluster:
    first = mentions[members[0]]
    return _Cluster(
        members,
        {_key(first)},
        _ids(first) if first.identifiers or first.decided else {},
        {name for i in members for name in mentions[i].coauthors},
    )


def _strength(scheme: str) -> tuple[int, str]:
    if scheme.startswith(DECIDED):
        return -int(scheme.removeprefix(DECIDED)), scheme
    return (SCHEMES.index(scheme) if scheme in SCHEMES else len(SCHEMES)), scheme


def _conflict(a: _Cluster, b: _Cluster, up_to: str | None = None) -> bool:
    """Whether both have ids of one scheme and none in common; only in schemes as strong as ``up_to``."""
    return any(
        scheme in b.ids and values.isdisjoint(b.ids[scheme])
        for scheme, values in a.ids.items()
        if up_to is None or _strength(scheme) <= _strength(up_to)
    )


def _join(clusters: Sequence[_Cluster], link: str) -> _Cluster:
    """One cluster of several. Schemes keep every value."""
    ids: dict[str, set[str]] = defaultdict(set)
    for cluster in clusters:
        for scheme, values in cluster.ids.items():
            ids[scheme] |= values
    return _Cluster(
        sorted(i for c in clusters for i in c.mentions),
        {key for c in clusters for key in c.keys},
        dict(ids),
        {name for c in clusters for name in c.coauthors},
        frozenset((link, *(known for c in clusters for known in c.links))),
    )


def _peaceful(clusters: Sequence[_Cluster]) -> bool:
    """Whether no two of them have conflicting ids."""
    return not any(_conflict(a, b) for a, b in combinations(clusters, 2))


# Ids


def _by_ids(mentions: Sequence[Mention]) -> list[_Cluster]:
    """Distinct mentions, joined where they share an id."""
    alike: dict[object, list[int]] = defaultdict(list)
    for i, mention in enumerate(mentions):
        ids = frozenset(mention.identifiers)
        alike[_key(mention), ids, mention.decided, None if ids else mention.coauthors].append(i)
    distinct = sorted((_cluster(mentions, members) for members in alike.values()), key=_natural)
    if not any(cluster.ids for cluster in distinct):
        return distinct
    clusters: list[_Cluster | None] = [*distinct]
    where = list(range(len(distinct)))
    holders: dict[tuple[tuple[int, str], str], list[int]] = defaultdict(list)
    for i, cluster in enumerate(distinct):
        for scheme, values in cluster.ids.items():
            for value in values:
                holders[_strength(scheme), value].append(i)

    def find(i: int) -> int:
        while where[i] != i:
            i = where[i]
        return i

    for ((strength, scheme), _), members in sorted(holders.items()):
        for i, j in combinations(members, 2):
            a, b = find(i), find(j)
            ours, theirs = clusters[a], clusters[b]
            if a == b or ours is None or theirs is None:
                continue
            by_people = strength < 0
            if not _conflict(ours, theirs, scheme) and (by_people or _one_initial(ours, theirs)):
                a, b = min(a, b), max(a, b)
                link = "manual" if by_people else "orcid" if scheme == "orcid" else "source_id"
                clusters[a], clusters[b], where[b] = _join([ours, theirs], link), None, a
    return [c for c in clusters if c]


def _one_initial(a: _Cluster, b: _Cluster) -> bool:
    """Whether the given names begin alike: an id that a source put on the wrong co-author joins nobody."""
    ours, theirs = ({key[0] for key in cluster.keys if " " in key} for cluster in (a, b))
    return not ours or not theirs or not ours.isdisjoint(theirs)


# Names


@lru_cache(maxsize=1 << 14)
def words_of(key: str) -> tuple[str, ...]:
    """The words of a folded name, the family name last."""
    return tuple(key.split())


@lru_cache(maxsize=1 << 14)
def is_full(key: str) -> bool:
    """Whether a given name is written out."""
    return any(len(word) > 1 for word in words_of(key)[:-1])


def _by_name(clusters: list[_Cluster]) -> list[_Cluster]:
    """Joins the bearers of one full name; see ``people``. Sorted, as they came."""
    count = Counter(key for cluster in clusters for key in cluster.keys)
    shared = sorted(key for key, bearers in count.items() if bearers > 1 and is_full(key))
    if not shared:
        return clusters
    for key in shared:
        bearers = [c for c in clusters if key in c.keys]
        clusters = [c for c in clusters if key not in c.keys]
        clusters += [_join(bearers, "name")] if _peaceful(bearers) else _by_coauthors(bearers)
    return sorted(clusters, key=_natural)


def _by_coauthors(bearers: list[_Cluster]) -> list[_Cluster]:
    """Several people of one name: each without ids to the only one whose co-authors it shares."""
    known = [c for c in bearers if c.ids]
    guests: dict[int, list[_Cluster]] = defaultdict(list)
    strangers = []
    for cluster in bearers:
        if cluster.ids:
            continue
        friends = [i for i, c in enumerate(known) if not c.coauthors.isdisjoint(cluster.coauthors)]
        if len(friends) == 1:
            guests[friends[0]].append(cluster)
        else:
            strangers.append(cluster)
    joined = [_join([c, *guests[i]], "co_authors") if i in guests else c for i, c in enumerate(known)]
    return [*joined, *([_join(strangers, "name")] if len(strangers) > 1 else strangers)]


def _by_variant(clusters: list[_Cluster]) -> list[_Cluster]:
    """Joins full names that differ in middle names, hyphens and blanks, where all of them agree."""
    near: dict[str, set[int]] = defaultdict(set)
    for i, cluster in enumerate(clusters):
        for key in cluster.keys:
            if is_full(key):
                near[words_of(key)[0]].add(i)
                near["=" + key.replace(" ", "")].add(i)
    agree: dict[int, set[int]] = defaultdict(set)
    for some in near.values():
        if len(some) > 1:
            for i, j in combinations(sorted(some), 2):
                if j not in agree[i] and _compatible(clusters[i].keys, clusters[j].keys, any):
                    agree[i].add(j)
                    agree[j].add(i)
    if not any(agree.values()):
        return clusters
    done: set[int] = set()
    result = []
    for i in range(len(clusters)):
        if i in done:
            continue
        component = _reached(i, agree)
        done |= component
        group = [clusters[j] for j in sorted(component)]
        if len(group) > 1 and _peaceful(group) and _agreed(group):
            result.append(_join(group, "variant"))
        else:
            result += group
    return sorted(result, key=_natural)


def _agreed(group: list[_Cluster]) -> bool:
    return all(_compatible(a.keys, b.keys, all) for a, b in combinations(group, 2))


def _reached(start: int, agree: dict[int, set[int]]) -> set[int]:
    seen, todo = {start}, [start]
    while todo:
        for other in agree[todo.pop()] - seen:
            seen.add(other)
            todo.append(other)
    return seen


def _compatible(ours: Iterable[str], theirs: Iterable[str], how: Callable[[Iterable[bool]], bool]) -> bool:
    """Whether any, or all, of the full names of two clusters agree."""
    return how(compatible(words_of(a), words_of(b)) for a in ours if is_full(a) for b in theirs if is_full(b))


def _by_initials(clusters: list[_Cluster], bystanders: Sequence[str]) -> list[_Cluster]:
    """Joins initials to the only full name of the block they can stand for, else to their own like. Those that could
    stand for bystanders are told from them by nobody."""
    named = [c for c in clusters if any(map(is_full, c.keys))]
    if len(named) == len(clusters):
        return clusters
    bare: dict[str, list[_Cluster]] = defaultdict(list)
    short = []
    for cluster in clusters:
        if not any(map(is_full, cluster.keys)):
            if cluster.ids:
                short.append(cluster)
            else:
                bare[min(cluster.keys)].append(cluster)
    short += [_join(some, "initials") if len(some) > 1 else some[0] for some in bare.values()]
    guests: dict[int, list[_Cluster]] = defaultdict(list)
    left: list[_Cluster] = []
    lonely: dict[str, list[_Cluster]] = defaultdict(list)
    words = [[words_of(key) for key in c.keys if is_full(key)] for c in named] + [[words_of(key)] for key in bystanders]
    for cluster in short:
        own = [words_of(key) for key in cluster.keys]
        hosts: list[int] = []
        for i, theirs in enumerate(words):
            if all(any(compatible(a, b) for b in theirs) for a in own):
                hosts.append(i)
                if len(hosts) > 1:
                    break
        if len(hosts) == 1:
            guests[hosts[0]].append(cluster)
        elif not hosts and len(cluster.keys) == 1:
            lonely[min(cluster.keys)].append(cluster)
        else:
            left.append(cluster)
    result = []
    for i, host in enumerate(named):
        if guests[i] and _peaceful([host, *guests[i]]):
            result.append(_join([host, *guests[i]], "initials"))
        else:
            result += [host, *guests[i]]
    for some in lonely.values():
        if len(some) > 1 and sum(1 for c in some if c.ids) <= 1:
            result.append(_join(some, "initials"))
        else:
            result += some
    return result + left


# The person


def _person(cluster: _Cluster, mentions: Sequence[Mention], shared: frozenset[str]) -> Person:
    own = [mentions[i] for i in cluster.mentions]
    display = own[0].name
    if any(mention.name != display for mention in own):
        counts: dict[str, int] = defaultdict(int)
        for mention in own:
            counts[mention.name] += mention.n_papers
        display = min(counts, key=lambda name: (*_incompleteness(name), -counts[name], name))
    given, family = split_name(display)
    known: list[tuple[tuple[int, str], str]] = []
    if cluster.ids:
        known = sorted((_strength(scheme), value) for scheme, values in cluster.ids.items() for value in values)
    ids = [one for one in known if one[0][0] >= 0]
    if ids:
        (_, scheme), value = ids[0]
        identity = f"{scheme}:{value}"
        method: Method = "orcid" if scheme == "orcid" else "source_id"
        confidence = min(CONFIDENCE[link] for link in (method, *cluster.links))
    else:
        plain = cluster.natural[0][0]
        if len(cluster.keys) > 1:
            plain = min(cluster.keys, key=lambda key: (not is_full(key), len(words_of(key)), key))
        identity = f"name:{plain}"
        method = "name"
        confidence = ALONE if is_full(plain) else ALONE_INITIALS
        if not shared.isdisjoint(cluster.keys):
            confidence = min(confidence, ALONE_AMBIGUOUS)
    if len(ids) < len(known):
        method, confidence = "manual", CONFIDENCE["manual"]
    return Person(
        identity,
        display,
        given,
        family,
        tuple(sorted([Identifier(scheme, value) for (_, scheme), value in ids])),
        tuple(sorted(cluster.mentions)),
        method,
        confidence,
    )


def _incompleteness(name: str) -> tuple[int, int]:
    """Fewer written-out given names, then fewer given names at all, sort later."""
    given, _ = split_name(name)
    words = given.replace(".", " ").replace("-", " ").split() if given else []
    return -sum(1 for word in words if len(word) > 1), -len(words)
