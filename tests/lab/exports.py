"""Hostile titles through every export, opened by a spreadsheet, by TeX and by a browser: nothing becomes active.

Needs soffice, pdflatex with bibtex, and chromium on PATH; a program that is missing is named and fails the part.
A local server counts whatever an opened file asks for: it must stay at zero.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.cli.program import Program
from tests.export.hostile import STRINGS
from tests.lab.report import Report
from worker import embedded

FORMATS = {"csv": "papers.csv", "bibtex": "papers.bib", "ris": "papers.ris", "csl": "papers.json", "ics": "courses.ics"}
BROWSER = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
)  # fmt: skip
FEWEST = 300
"""Fewer papers, rows or references than this, and something was lost on the way."""
PAPER = r"""\documentclass{article}\usepackage[utf8]{inputenc}\usepackage{url}\begin{document}\nocite{*}
\bibliographystyle{plain}\bibliography{papers}\end{document}
"""


_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def main(argv: list[str]) -> int:
    """Prints one line a program; 1 when something became active or a program is missing."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab exports", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="keep screenshots of the report here")
    options = parser.parse_args(argv)
    missing = [name for name in ("soffice", "pdflatex", "bibtex", "chromium") if shutil.which(name) is None]
    if missing:
        print(f"not installed: {', '.join(missing)}", file=sys.stderr)
        return 1
    hits: list[str] = []
    server = _counting(hits)
    home = Path(tempfile.mkdtemp(prefix="pubcat-exports-"))
    home.chmod(0o755)
    try:
        with embedded.using(home / "data"):
            n_papers = _export(home, server.server_port)
        found = {
            "spreadsheet": _spreadsheet(home),
            "tex": _tex(home),
            "browser": _browser(home, options.pictures),
            "requests": len(hits),
        }
    finally:
        server.shutdown()
        shutil.rmtree(home, ignore_errors=True)
    report = Report(("opened by", "active"))
    for name, count in found.items():
        report.row(name, count)
        report.must(count == 0, f"{name}: {count} findings")
    report.figure("hostile_strings", n_papers, "papers")
    report.figure("active_content", sum(found.values()), "findings")
    report.must(n_papers >= FEWEST, "too few papers: the strings did not arrive")
    return report.end()


def _counting(hits: list[str]) -> ThreadingHTTPServer:
    class Count(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Count)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _export(home: Path, port: int) -> int:
    """Ingests the strings as titles, authors and venues; writes every format; returns the number of papers."""
    run = Program(home)
    (home / "sources.toml").write_text('[sources.hostile]\nkind = "table"\n')
    strings = [text.replace("127.0.0.1:9", f"127.0.0.1:{port}") for text in STRINGS]
    strings += [f'<img src="http://127.0.0.1:{port}/img">', f"<script src=http://127.0.0.1:{port}/script></script>"]
    with (home / "hostile.jsonl").open("w") as out:
        for number, text in enumerate(strings):
            word = hashlib.md5(str(number).encode()).hexdigest().translate(_LETTERS)
            row = {"id": number, "title": f"{text} {word[:9]} {word[9:20]}", "authors": [f"{text} Lee", word],
                   "venue": text, "year": 2000 + number % 25, "abstract": text, "url": text}  # fmt: skip
            out.write(json.dumps(row) + "\n")
    run("ingest", str(home / "hostile.jsonl"), "--source", "hostile", "--unique")
    for format, name in FORMATS.items():
        done = run("export", "-f", format, "-o", str(home / name))
        assert done.code == 0, done.err
    assert run("report", "-o", str(home / "report.html"), "--title", strings[56]).code == 0
    [count] = run("sql", "--format", "json", "select count(*) as n from papers").lines
    return int(count["n"])


def _spreadsheet(home: Path) -> int:
    """Cells that LibreOffice takes for a formula, or links it would follow."""
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{home}/office", "--convert-to", "fods", "--outdir",
         str(home), str(home / "papers.csv")],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    sheet = (home / "papers.fods").read_text()
    assert sheet.count("<table:table-row") >= FEWEST
    return len(re.findall(r"table:formula=|xlink:href=\"http", sheet))


def _tex(home: Path) -> int:
    """Files TeX read or wrote beyond its own, and commands it was told to run."""
    folder = home / "tex"
    folder.mkdir()
    shutil.copy(home / "papers.bib", folder)
    (folder / "paper.tex").write_text(PAPER)
    for command in (["pdflatex", "-recorder"], ["bibtex"], ["pdflatex"], ["pdflatex", "-recorder"]):
        stop = ["-interaction=nonstopmode", "paper.tex"] if command[0] == "pdflatex" else ["paper"]
        subprocess.run([*command, *stop], cwd=folder, capture_output=True, timeout=180, check=False)
    log = (folder / "paper.log").read_text(errors="replace")
    assert (folder / "paper.pdf").exists(), log[-2000:]
    assert (folder / "paper.bbl").read_text(errors="replace").count("\\bibitem") >= FEWEST
    touched = {line.split(" ", 1)[1] for line in (folder / "paper.fls").read_text().splitlines() if " " in line}
    strange = [name for name in touched if name.startswith("/etc/p") or "pwned" in name]
    return len(strange) + log.count("runsystem") + len(list(folder.glob("pwned*")))


def _browser(home: Path, pictures: Path | None) -> int:
    """Scripts, frames and handlers in the report as a browser understood it."""
    page = f"file://{home / 'report.html'}"
    data = f"--user-data-dir={home / 'browser'}"
    told = subprocess.run(
        ["chromium", *BROWSER, data, "--dump-dom", page], capture_output=True, text=True, timeout=120, check=True
    ).stdout
    assert "Output by year" in told
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
        for name, size in (("desktop", "1100,2400"), ("phone", "500,3600")):
            subprocess.run(
                ["chromium", *BROWSER, data, f"--window-size={size}", f"--screenshot={pictures / name}.png", page],
                capture_output=True, timeout=120, check=True, env={**os.environ},
            )  # fmt: skip
    return len(re.findall(r"<script|<iframe|<img|<object|\son\w+=\"|href=\"javascript", told))
