"""Seeded bugs: each deliberate mistake, put into a copy of the code, must make a part of the lab fail."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lab.report import Report

ROOT = Path(__file__).resolve().parents[2]
BUGS = Path(__file__).with_name("bugs")
LONGEST_S = 3_600.0


@dataclass(frozen=True)
class Bug:
    """A mistake and who must notice it."""

    name: str
    says: str
    file: str
    old: str
    new: str
    caught_by: str

    @property
    def fits(self) -> bool:
        """Whether the lines it changes stand in the code exactly once."""
        return (ROOT / self.file).read_text(encoding="utf-8").count(self.old) == 1


def bugs() -> list[Bug]:
    """All mistakes, by name."""
    return [Bug(path.stem, **tomllib.loads(path.read_text(encoding="utf-8"))) for path in sorted(BUGS.glob("*.toml"))]


@contextmanager
def copied(bug: Bug | None) -> Iterator[Path]:
    """A copy of the code, with the mistake in it."""
    with tempfile.TemporaryDirectory(prefix="pubcat-bug-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        for name in ("catalog", "worker", "migrations", "tests"):
            shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        if bug is not None:
            target = place / bug.file
            target.write_text(target.read_text(encoding="utf-8").replace(bug.old, bug.new), encoding="utf-8")
        yield place


def run(bug: Bug | None, part: str) -> tuple[bool, str]:
    """Whether a part of the lab found something to complain about, and its first complaint."""
    with copied(bug) as place:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "tests.lab", *shlex.split(part)],
                cwd=place,
                env={**os.environ, "PYTHONPATH": str(place), "PYTHONSAFEPATH": "1"},
                capture_output=True,
                text=True,
                timeout=LONGEST_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False, f"no end after {LONGEST_S:.0f} s"
    complaints = [line for line in done.stdout.splitlines() if line.startswith("FAILED ")]
    if done.returncode not in (0, 1) or (done.returncode == 1 and not complaints):
        raise RuntimeError(f"the lab itself failed: {done.stderr[-2000:]}")
    return bool(complaints), complaints[0].removeprefix("FAILED ") if complaints else ""


def main(argv: list[str]) -> int:
    """Applies the mistakes one by one."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab bugs", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these; all by default")
    parser.add_argument("--list", action="store_true", help="only say which there are, and whether each still fits")
    parser.add_argument("--sound", action="store_true", help="also run each part on the code as it is: it must pass")
    asked = parser.parse_args(argv)
    chosen = [bug for bug in bugs() if not asked.names or bug.name in asked.names]

    report = Report(("mistake", "part of the lab", "caught", "s", "first complaint"))
    caught = 0
    for bug in chosen:
        report.must(bug.fits, f"{bug.name}: its lines no longer stand in {bug.file}")
        if asked.list or not bug.fits:
            report.row(bug.name, bug.caught_by, "", "", bug.says)
            continue
        began = time.monotonic()
        complains, complaint = run(bug, bug.caught_by)
        caught += complains
        report.row(
            bug.name, bug.caught_by, "yes" if complains else "NO", f"{time.monotonic() - began:.0f}", complaint[:90]
        )
        report.must(complains, f"{bug.name}: {bug.says} Nobody noticed.")
        print(f"{bug.name}: {'caught' if complains else 'NOT CAUGHT'}: {complaint[:200]}", file=sys.stderr, flush=True)
    for part in sorted({bug.caught_by for bug in chosen}) if asked.sound else ():
        complains, complaint = run(None, part)
        report.row("none", part, "no" if not complains else "YES", "", complaint[:90])
        report.must(not complains, f"{part} complains of the code as it is: {complaint}")
    report.figure("bugs", len(chosen), "bugs")
    if not asked.list:
        report.figure("bugs_caught", caught, "bugs")
    return report.end()
