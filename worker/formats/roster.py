"""Rosters: who belongs to the institute, in which role, since when and until when; CSV, TSV, JSON Lines or JSON.

One column of names is enough. Rows of one person are one record: they share the ``id`` column, or, without one, the
folded name, unless their ORCIDs (or other ids) differ. What cannot be understood is told rather than left out: an
unreadable end would make a member for life, a mistyped ORCID a stranger.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec

from worker.errors import Malformed
from worker.formats import tables, values
from worker.formats.items import each
from worker.normalise import identifiers, texts
from worker.normalise.dates import partial_date
from worker.normalise.names import folded, keys
from worker.page import Page
from worker.record import Author, Identifier, MemberRecord, Membership

SCHEMES = {
    "orcid": ("orcid", "an ORCID such as 0000-0002-1825-0097"),
    "openreview": ("openreview_profile", "an OpenReview profile such as ~Ada_Exemple1"),
    "dblp": ("dblp_pid", "a dblp person such as 65/9612"),
    "openalex": ("openalex", "an OpenAlex author such as A5012345678"),
    "s2": ("s2_author", "a Semantic Scholar author such as 1741101"),
}
"""Column -> identifier scheme and what a good one looks like; the strongest first."""
_UNUSED = frozenset(
    ("email", "e_mail", "mail", "courriel", "phone", "telephone", "url", "website", "homepage", "site", "supervisor",
     "superviseur", "superviseure", "directeur", "directrice", "team", "equipe", "lab", "laboratoire", "affiliation",
     "university", "universite", "notes", "note", "remarques")
)  # fmt: skip
COLUMNS = tables.Vocabulary(
    {
        "key": "id member_id person_id employee_id key matricule identifiant",
        "name": "name full_name display_name nom_complet nom member person researcher author author_name membre "
        "personne chercheur chercheuse chercheur_se",
        "given": "given given_name given_names first_name firstname first prenom prenoms",
        "family": "family family_name family_names last_name lastname last surname nom_de_famille nom_famille",
        "aliases": "aliases alias other_names also_known_as name_variants autres_noms variantes",
        "orcid": "orcid orcid_id orcid_url",
        "openreview": "openreview openreview_id openreview_profile openreview_url profil_openreview",
        "dblp": "dblp dblp_pid dblp_id dblp_url",
        "openalex": "openalex openalex_id openalex_author openalex_author_id openalex_url",
        "s2": "s2 s2_id s2_author semantic_scholar semantic_scholar_id semanticscholar semanticscholar_id",
        "role": "role membership_role status statut position poste fonction categorie category type title titre",
        "start": "start start_date membership_start from since date_from begin debut date_debut date_de_debut depuis "
        "arrivee",
        "end": "end end_date membership_end to until till date_to fin date_fin date_de_fin jusqu_a jusqu_au depart",
        "deleted": "deleted removed supprime retire",
    },
    telling=frozenset(("name", "family")),
    least=1,
    wanted="a column of names (name, full name, family name, nom ...)",
    unused=_UNUSED,
)
_LIST = re.compile(r"[;,|\s]+")
_OPEN = frozenset(
    ("-", "--", "–", "—", "?", "n/a", "na", "none", "null", "nil", "present", "présent", "now", "current", "ongoing",
     "today", "actuel", "en cours", "aujourd'hui", "aujourd’hui", "à ce jour")
)  # fmt: skip
"""What people write where there is no date, or no end yet."""
_YES = frozenset(("yes", "y", "true", "t", "1", "x", "oui", "o", "vrai"))
_NO = frozenset(("no", "n", "false", "f", "0", "non", "faux"))


class Row(msgspec.Struct, frozen=True):
    """What one row says of one person."""

    key: str | None
    name: Author
    name_keys: tuple[str, ...]
    identifiers: tuple[Identifier, ...]
    membership: Membership
    deleted: bool
    unread: tuple[str, ...]


def parse(page: Page) -> Iterator[MemberRecord | Malformed]:
    """A record a person, in the order in which the table first names them; unreadable rows before them.

    Raises:
        Malformed: no table, or one without a column of names.
    """
    found: list[Row] = []
    for one in each(tables.rows(page.body, page.url, "text/csv", COLUMNS), row, page.url):
        if isinstance(one, Malformed):
            yield one
        else:
            found.append(one)
    yield from (_member(key, rows) for key, rows in _people(found).items())


def row(cells: tables.Row) -> Row:
    """What one row says.

    Raises:
        ValueError: no name, or an identifier, a date or a mark that cannot be read; says which.
    """
    fields, unread = tables.known(cells, COLUMNS)
    name = _name(fields)
    aliases = (texts.clean(alias) for alias in str(fields.get("aliases", "")).split(";"))
    name_keys = [keys(name.name)[0], *(keys(alias)[0] for alias in aliases if alias)]
    start, end = _date(fields, "start"), _date(fields, "end")
    if start and end and end[: len(start)] < start[: len(end)]:
        raise ValueError(f"expected an end after the start {start}, found {end}")
    return Row(
        key=texts.clean(fields.get("key")),
        name=name,
        name_keys=tuple(dict.fromkeys(key for key in name_keys if key)),
        identifiers=_identifiers(fields),
        membership=Membership(texts.clean(fields.get("role")), start, end),
        deleted=_deleted(fields.get("deleted")),
        unread=unread,
    )


def _name(fields: dict[str, Any]) -> Author:
    """The name in one column or in two. ``Nom`` beside ``Prénom`` is the family name, unless it holds both."""
    whole, given, family = (texts.clean(fields.get(field)) for field in ("name", "given", "family"))
    if whole and given and not family and not set(folded(given).split()) <= set(folded(whole).split()):
        whole, family = None, whole
    name = values.named(whole) if whole else values.parted(given or "", family) if family else None
    if name is None:
        raise ValueError("expected a name")
    return name


def _identifiers(fields: dict[str, Any]) -> tuple[Identifier, ...]:
    found: set[Identifier] = set()
    for column, (scheme, wanted) in SCHEMES.items():
        told = fields.get(column)
        for one in told if isinstance(told, list) else _LIST.split(str(told or "").strip()):
            if one in ("", None) or str(one).lower() in _OPEN:
                continue
            identifier = identifiers.normalise(scheme, one)
            if identifier is None or (scheme == "openalex" and not identifier.value.startswith("A")):
                raise ValueError(f"{column}: expected {wanted}, found {str(one)[:60]!r}")
            found.add(identifier)
    return tuple(sorted(found))


def _date(fields: dict[str, Any], column: str) -> str | None:
    told = fields.get(column)
    if told is None or (isinstance(told, str) and told.strip().lower() in ("", *_OPEN)):
        return None
    read = partial_date(told)
    if read is None:
        raise ValueError(f"{column}: expected a date such as 2024-09-01, 2024-09 or 2024, found {str(told)[:60]!r}")
    return read


def _deleted(told: object) -> bool:
    said = str(told or "").strip().lower()
    if said in ("", *_OPEN, *_NO):
        return False
    if said in _YES:
        return True
    raise ValueError(f"deleted: expected yes or nothing, found {said[:60]!r}")


def _people(rows: list[Row]) -> dict[str, list[Row]]:
    """Rows by the person they are about. Without an ``id`` column the key is the name, so that an ORCID found later,
    or another date, corrects what an earlier roster said."""
    named: dict[str, list[Row]] = defaultdict(list)
    for one in rows:
        named[f"id:{one.key}" if one.key else f"name:{one.name_keys[0] if one.name_keys else one.name.name}"].append(
            one
        )
    found: dict[str, list[Row]] = {}
    for key, group in named.items():
        scheme = None if key.startswith("id:") else _telling_apart(group)
        for one in group:
            told = _value(one, scheme) if scheme else None
            found.setdefault(f"{key} {scheme}:{told}" if told else key, []).append(one)
    return found


def _telling_apart(group: list[Row]) -> str | None:
    """The strongest scheme in which people of one name have different ids."""
    for scheme, _ in SCHEMES.values():
        if len({value for one in group if (value := _value(one, scheme))}) > 1:
            return scheme
    return None


def _value(one: Row, scheme: str) -> str | None:
    return next((identifier.value for identifier in one.identifiers if identifier.scheme == scheme), None)


def _member(key: str, rows: list[Row]) -> MemberRecord:
    present = [one for one in rows if not one.deleted]
    told = present or rows
    memberships = {one.membership for one in present}
    if len(memberships) > 1:
        memberships.discard(Membership())
    return MemberRecord(
        source_key=key,
        name=told[0].name.name,
        given=told[0].name.given,
        family=told[0].name.family,
        name_keys=tuple(dict.fromkeys(key for one in told for key in one.name_keys)),
        identifiers=identifiers.united(*(one.identifiers for one in told)),
        memberships=tuple(sorted(memberships, key=lambda one: (one.start or "", one.end or "9999", one.role or ""))),
        deleted=not present,
        unread=tuple(sorted({name for one in told for name in one.unread})),
    )
