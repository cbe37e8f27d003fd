"""``pubcat sources``: what is configured, whether it answers, and switching it on and off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import common

if TYPE_CHECKING:
    from catalog.engine import Cursor
    from worker.page import Page, Request
    from worker.settings import Configured

app = common.group("List the sources, show or test one, switch it on or off.", "pubcat sources list")

Name = Annotated[str, typer.Argument(help="Its name in the sources file.")]
SAMPLES = {
    "doi": "10.1038/nature14539",
    "arxiv": "1706.03762",
    "title": "Attention is all you need",
    "affiliation": "Université de Montréal",
}
"""What a source that only answers questions is asked: what everybody has."""


@app.command("list", epilog=common.example("pubcat sources list", "pubcat sources list --json"))
def list_(json: common.Json = False) -> None:
    """List the configured sources: what each needs, whether it is on, its budget, and its last success."""
    from worker.pipeline import switches
    from worker.settings import load_sources

    with common.reading() as cursor:
        sources = switches.switched(cursor, load_sources())
        known = {r["source_name"]: r for r in common.rows(cursor, "select * from analytics.freshness")}
        [clock] = common.rows(cursor, "select clock_timestamp() as now")
    found = [
        {
            "source": name,
            "title": c.title,
            "kind": c.source.name,
            "needs": list(c.source.needs),
            "on": c.enabled,
            "does": _does(c),
            "every": common.span(c.every_s) if c.every_s else None,
            "budget": _budget(c),
            "last_success_at": (moment := known.get(name, {}).get("last_success_at")),
            "success": common.ago(moment, clock["now"]),
            "records": known.get(name, {}).get("n_records", 0),
            "remark": c.why_off,
        }
        for name, c in sorted(sources.by_name.items())
    ]
    columns = {"source": "source", "title": "title", "on": "on", "does": "does", "every": "every", "budget": "budget",
               "success": "last success", "records": "records", "remark": "remark"}  # fmt: skip
    common.show(found, columns, json=json, empty=f"{sources.path} has no sources")


@app.command(epilog=common.example("pubcat sources show openalex", "pubcat sources show mila --json"))
def show(name: Name, json: common.Json = False) -> None:
    """Show one source: what it is asked, what it needs, its budget, its schedule, and how its last runs went."""
    from worker.pipeline import switches
    from worker.settings import load_sources

    with common.reading() as cursor:
        configured = switches.switched(cursor, load_sources()).get(name)
        row = {**_said(configured), **_happened(cursor, configured)}
    if json:
        common.print_json(row)
    else:
        common.facts([(key.replace("_", " "), value) for key, value in row.items()])


@app.command("test", epilog=common.example("pubcat sources test mila"))
def check(
    name: Annotated[str | None, typer.Argument(help="Its name; all that are on, if none is given.")] = None,
    json: common.Json = False,
) -> None:
    """Make one request and explain what came; nothing is written."""
    from worker.pipeline import switches
    from worker.settings import load_sources

    sources = load_sources()
    if name:
        chosen = [sources.get(name)]
    else:
        with common.reading() as cursor:
            on = switches.switched(cursor, sources).by_name
        chosen = [c for _, c in sorted(on.items()) if c.enabled]
    seen = [_try(configured) for configured in chosen]
    for row in seen:
        if json:
            common.print_json(row)
        else:
            common.facts([(key.replace("_", " "), value) for key, value in row.items() if key != "ok"])
            typer.echo()
    bad = sum(1 for row in seen if not row["ok"])
    raise typer.Exit(0 if not bad else 1 if bad == len(seen) else 3)


@app.command(epilog=common.example("pubcat sources enable mila"))
def enable(name: Name) -> None:
    """Switch a source on, whatever the sources file says. It is remembered in the catalog, for all workers."""
    _switch(name, on=True)


@app.command(epilog=common.example("pubcat sources disable mila"))
def disable(name: Name) -> None:
    """Switch a source off: no harvest, no question, until it is enabled. What it brought stays."""
    _switch(name, on=False)


@app.command(epilog=common.example("pubcat sources organisation 'Mila, Montréal'"))
def organisation(
    affiliation: Annotated[str, typer.Argument(help="The affiliation as somebody wrote it.")],
    json: common.Json = False,
) -> None:
    """Ask ROR which organisation an affiliation means; nothing is written. Its id goes into the sources file."""
    from worker.errors import Misconfigured
    from worker.formats import organisations
    from worker.page import Question
    from worker.settings import load_sources

    configured = load_sources().get("ror")
    if not configured.enabled:
        raise Misconfigured(f"ror is off: {configured.why_off}")
    request = configured.source.ask(configured.site, Question("affiliation", affiliation))
    assert request is not None
    read = [
        one for one in organisations.read(_page(configured, request)) if isinstance(one, organisations.Organisation)
    ]
    found = [
        {"ror": one.ror, "name": one.name, "country": one.country, "score": one.score, "sure": one.is_chosen,
         "active": one.is_active, "names": list(one.names), "kinds": list(one.kinds), "parents": list(one.parents)}
        for one in read
    ]  # fmt: skip
    columns = {"ror": "ror", "name": "name", "country": "country", "score": "score", "sure": "sure", "active": "active"}
    common.show(found, columns, json=json, empty="ROR knows no such organisation")
    raise typer.Exit(0 if found else 1)


def _switch(name: str, *, on: bool) -> None:
    from worker import schedule
    from worker.pipeline import switches

    with common.session(broker=False) as tools, tools.transaction() as cursor:
        tools.sources.get(name)
        switches.switch(cursor, name, on)
        configured = switches.switched(cursor, tools.sources).get(name)
        if configured.enabled:
            schedule.arrange(cursor, tools.sources)
    told = "on" if configured.enabled else f"off: {configured.why_off}" if on else "off"
    typer.echo(f"{name} is {told}")
    raise typer.Exit(0 if configured.enabled == on else 1)


def _does(configured: Configured) -> str:
    """Whether it is walked, asked, or both; ROR is asked by people."""
    if configured.source.answers == ("affiliation",):
        return "looked up"
    walked = ["harvested"] if configured.walks else []
    asked = ["asked"] if configured.source.answers and configured.questions_per_day else []
    return " and ".join(walked + asked) or "files only"


def _budget(configured: Configured) -> str:
    """Requests a second or minute over all workers."""
    pause_s = configured.seconds_between_requests
    pause_s = configured.source.seconds_between_requests if pause_s is None else pause_s
    if not pause_s:
        return "no limit"
    return f"{1 / pause_s:.3g}/s" if pause_s <= 1 else f"{60 / pause_s:.3g}/min"


def _said(configured: Configured) -> dict[str, Any]:
    """What sources file, environment and reader say of a source."""
    import importlib

    source = configured.source
    about = (importlib.import_module(f"worker.sources.{source.name}").__doc__ or "").partition("\n\n")[0]
    most = configured.concurrency or source.concurrency
    return {
        "source": configured.name,
        "title": configured.title,
        "about": " ".join(about.split()),
        "kind": source.name,
        "on": configured.enabled,
        "remark": configured.why_off,
        "does": _does(configured),
        "address": configured.site.base_url or None,
        "needs": [f"{need} ({'missing' if need in configured.lacking else 'set'})" for need in source.needs],
        "may_use": [f"{one} ({'set' if one in configured.site.secrets else 'not set'})" for one in source.may_use],
        "budget": f"{_budget(configured)}, {most} at once, counted as {configured.host_group}",
        "answers": list(source.answers),
        "questions_per_day": configured.questions_per_day if source.answers else None,
        "every": common.span(configured.every_s) if configured.every_s else None,
        "trust": configured.trust,
        "lists_each_work_once": configured.deduplicates,
        "options": [f"{key} = {value!r}" for key, value in sorted(configured.site.options.items())],
    }


def _happened(cursor: Cursor, configured: Configured) -> dict[str, Any]:
    """What the catalog remembers of a source."""
    name = (configured.name,)
    [asked] = common.rows(
        cursor,
        "select count(*) as n from ops.question where source = %s and asked_at > clock_timestamp() - interval '1 day'",
        name,
    )
    [host] = common.rows(
        cursor,
        "select max(throttled_until) filter (where throttled_until > clock_timestamp()) as until, sum(n_requests) as n"
        " from ops.host_budget where host_group = %s",
        (configured.host_group,),
    )
    fresh = common.rows(cursor, "select * from analytics.freshness where source_name = %s", name)
    row: dict[str, Any] = fresh[0] if fresh else {}
    return {
        "questions_today": asked["n"] if configured.source.answers else None,
        "requests_so_far": int(host["n"] or 0),
        "silent_until": host["until"],
        "last_success_at": row.get("last_success_at"),
        "last_run": row.get("last_status"),
        "last_error": row.get("last_error"),
        "records": row.get("n_records", 0),
    }


def _try(configured: Configured) -> dict[str, Any]:
    """One request of a source, in words."""
    from worker.errors import IngestError

    row: dict[str, Any] = {"source": configured.name, "ok": False}
    if configured.lacking:
        return {**row, "problem": f"set {' and '.join(configured.lacking)} first"}
    try:
        request = _request(configured)
        if request is None:
            return {**row, "problem": "it has nothing to ask: a file source, or nothing to walk in the sources file"}
        row["request"] = request.key
        page = _page(configured, request)
        row.update(answer=f"HTTP {page.status}, {page.media_type}, {len(page.body):,} bytes")
        return {**row, **_read(configured, page)}
    except IngestError as error:
        return {**row, "problem": str(error)}


def _page(configured: Configured, request: Request) -> Page:
    """What the source answers to one request.

    Raises:
        IngestError: it does not, or not properly.
    """
    from worker.http import Client, admitted
    from worker.pipeline import fetch
    from worker.settings import contact
    from worker.tools import our_version

    client = Client(our_version(), contact())
    try:
        return fetch.send(client, {}, fetch.Asked(configured, request, admitted(*configured.addresses), {}))
    finally:
        client.close()


def _request(configured: Configured) -> Request | None:
    """The first request of a walk; of a source that only answers, a question about a paper everybody knows."""
    from worker.page import Question, Window

    request = next(iter(configured.source.first(configured.site, Window())), None)
    if request is not None:
        return request
    questions = (Question(by, SAMPLES[by]) for by in configured.source.answers if by in SAMPLES)
    return next((asked for one in questions if (asked := configured.source.ask(configured.site, one))), None)


def _read(configured: Configured, page: Page) -> dict[str, Any]:
    """What the reader finds in a page."""
    from dataclasses import replace
    from datetime import UTC, datetime

    from worker.errors import Malformed
    from worker.record import CourseRecord, MemberRecord, Record

    page = replace(page, as_of=datetime.now(UTC))
    found = configured.source.read(page)
    papers = [one for one in found if isinstance(one, Record)]
    courses = [one for one in found if isinstance(one, CourseRecord)]
    members = [one for one in found if isinstance(one, MemberRecord)]
    unread = [one for one in found if isinstance(one, Malformed)]
    titles = [p.title or f"(no title) {(p.abstract or '')[:60]}…" for p in papers[:3]]
    unknown = {name for one in found if not isinstance(one, Malformed) for name in one.unread}
    following = configured.source.next(configured.site, page)
    more = list(configured.source.refetch(configured.site, page))
    holds_works = configured.source.answers != ("affiliation",)
    good = bool(papers or courses or members or more) or not (holds_works or unread)
    return {
        "ok": good,
        "read": f"{len(papers)} papers, {len(courses)} courses, {f'{len(members)} members, ' if members else ''}"
        f"{len(unread)} unreadable",
        "titles": titles + [c.title for c in courses[:2]] + [m.name for m in members[:3]],
        "says_it_has": configured.source.total(page),
        "next_page": following.key if following else None,
        "leads_to": f"{len(more)} further requests, such as {more[0].key}" if more else None,
        "fields_nobody_knows": sorted(unknown)[:20],
        "problem": str(unread[0]) if unread else None if good else "the page yields no record",
    }
