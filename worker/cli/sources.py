"""``pubcat sources``: what is configured, and whether it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import common

if TYPE_CHECKING:
    from worker.page import Page
    from worker.settings import Configured

app = common.group("List the sources, or test one.", "pubcat sources list")


@app.command("list", epilog=common.example("pubcat sources list", "pubcat sources list --json"))
def list_(json: common.Json = False) -> None:
    """List the configured sources: what each needs, whether it is on, and its last success."""
    from worker.settings import load_sources

    sources = load_sources()
    with common.reading() as cursor:
        known = {r["source_name"]: r for r in common.rows(cursor, "select * from analytics.freshness")}
        [clock] = common.rows(cursor, "select clock_timestamp() as now")
    found = [
        {
            "source": name,
            "title": c.title,
            "kind": c.source.name,
            "needs": list(c.source.needs),
            "on": c.enabled,
            "every": common.span(c.every_s) if c.every_s else None,
            "last_success_at": (moment := known.get(name, {}).get("last_success_at")),
            "success": common.ago(moment, clock["now"]),
            "records": known.get(name, {}).get("n_records", 0),
            "remark": c.why_off,
        }
        for name, c in sorted(sources.by_name.items())
    ]
    columns = {"source": "source", "title": "title", "kind": "kind", "on": "on", "every": "every",
               "success": "last success", "records": "records", "remark": "remark"}  # fmt: skip
    common.show(found, columns, json=json, empty=f"{sources.path} has no sources")


@app.command("test", epilog=common.example("pubcat sources test mila"))
def check(
    name: Annotated[str | None, typer.Argument(help="Its name; all that are on, if none is given.")] = None,
    json: common.Json = False,
) -> None:
    """Make one request and explain what came; nothing is written."""
    from worker.settings import load_sources

    sources = load_sources()
    chosen = [sources.get(name)] if name else [c for _, c in sorted(sources.by_name.items()) if c.enabled]
    seen = [_try(configured) for configured in chosen]
    for row in seen:
        if json:
            common.print_json(row)
        else:
            common.facts([(key.replace("_", " "), value) for key, value in row.items() if key != "ok"])
            typer.echo()
    bad = sum(1 for row in seen if not row["ok"])
    raise typer.Exit(0 if not bad else 1 if bad == len(seen) else 3)


def _try(configured: Configured) -> dict[str, Any]:
    """One request of a source, in words."""
    from worker.errors import IngestError
    from worker.http import Client, admitted
    from worker.page import Window
    from worker.pipeline import fetch
    from worker.settings import contact
    from worker.tools import our_version

    row: dict[str, Any] = {"source": configured.name, "ok": False}
    lacking = [need for need in configured.source.needs if need not in configured.site.secrets]
    if lacking:
        return {**row, "problem": f"set {' and '.join(lacking)} first"}
    client = Client(our_version(), contact())
    try:
        request = next(iter(configured.source.first(configured.site, Window())), None)
        if request is None:
            return {**row, "problem": "it has nothing to ask: a file source, or no pages in the sources file"}
        row["request"] = request.key
        page = fetch.send(client, {}, fetch.Asked(configured, request, admitted(*configured.addresses), {}))
        row.update(answer=f"HTTP {page.status}, {page.media_type}, {len(page.body):,} bytes")
        return {**row, **_read(configured, page)}
    except IngestError as error:
        return {**row, "problem": str(error)}
    finally:
        client.close()


def _read(configured: Configured, page: Page) -> dict[str, Any]:
    """What the reader finds in a page."""
    from dataclasses import replace
    from datetime import UTC, datetime

    from worker.errors import Malformed
    from worker.record import CourseRecord, Record

    page = replace(page, as_of=datetime.now(UTC))
    found = configured.source.read(page)
    papers = [one for one in found if isinstance(one, Record)]
    courses = [one for one in found if isinstance(one, CourseRecord)]
    unread = [one for one in found if isinstance(one, Malformed)]
    titles = [p.title or f"(no title) {(p.abstract or '')[:60]}…" for p in papers[:3]]
    unknown = {name for p in papers for name in p.unread} | {name for c in courses for name in c.unread}
    following = configured.source.next(configured.site, page)
    return {
        "ok": bool(papers or courses),
        "read": f"{len(papers)} papers, {len(courses)} courses, {len(unread)} unreadable",
        "titles": titles + [c.title for c in courses[:2]],
        "says_it_has": configured.source.total(page),
        "next_page": following.key if following else None,
        "fields_nobody_knows": sorted(unknown)[:20],
        "problem": str(unread[0]) if unread else None if papers or courses else "the page yields no record",
    }
