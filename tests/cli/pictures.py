"""``python -m tests.cli.pictures``: draws the screens shown in docs/how-to/review-doubtful-merges.md again."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from pathlib import Path

import psycopg

from catalog import migrate
from tests.cli.doubts import ALPHA, BETA
from tests.line import bring
from worker import embedded
from worker.cli import common, review
from worker.cli.review_screen import Review
from worker.settings import Sources
from worker.tools import Tools

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"


def main() -> None:
    """Draws them on a database of its own."""
    common.quiet_logs()
    home = Path(tempfile.mkdtemp(prefix="pubcat-pictures-"))
    home.chmod(0o755)
    try:
        with embedded.using(home) as found:
            with psycopg.connect(found.database_url, autocommit=True) as connection:
                connection.execute("create database pictures")
            url = f"{found.database_url.rsplit('/', 1)[0]}/pictures"
            migrate.migrate(url)
            tools = Tools(url, sources=Sources(Path("tests"), {}))
            bring(tools, "alpha", ALPHA)
            bring(tools, "beta", BETA)
            asyncio.run(_draw(tools))
            tools.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)


async def _draw(tools: Tools) -> None:
    with tools.transaction() as cursor:
        app = Review(tools, review.queue(cursor), "Ann")
    async with app.run_test(size=(104, 32)) as pilot:
        await pilot.pause()
        _write("review-first-pair", app.export_screenshot(title="pubcat review"))
        await pilot.press("y")
        await pilot.pause()
        _write("review-after-yes", app.export_screenshot(title="pubcat review"))


def _write(name: str, svg: str) -> None:
    """The picture without the addresses of fonts: nothing is loaded from elsewhere."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S)
    svg = "\n".join(line.rstrip() for line in svg.splitlines())
    (IMAGES / f"{name}.svg").write_text(f"{svg}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
