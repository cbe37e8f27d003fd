"""Which Python ``./pubcat`` sets itself up with."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LAUNCHER = Path(__file__).resolve().parents[1] / "pubcat"

PYTHON = """#!/bin/sh
# A Python of this build: makes no environment but says that it was to.
case "$*" in
*CONFIG_ARGS*)
    exec {real} -I -c 'import sys, sysconfig
code = sys.argv[1]
sys.version_info, sys.base_prefix = {version}, "{prefix}"
sysconfig.get_config_var = lambda name: "{told}"
{missing}
exec(code)' "$3" ;;
*"-m venv"*) echo "made with $0" >&2; exit 1 ;;
*) exec {real} "$@" ;;
esac
"""
PLAIN = {"version": "(3, 12)", "prefix": "/opt/python", "told": "--prefix=/opt/python", "missing": ""}
ASKED = {**PLAIN, "told": "--prefix=/opt/python --enable-optimizations"}
DISTRIBUTED = {**PLAIN, "version": "(3, 11)", "prefix": "/usr"}
BARE = {**DISTRIBUTED, "missing": 'sys.modules["ensurepip"] = None'}
OLD = {**DISTRIBUTED, "version": "(3, 9)"}


def set_up(folder: Path, builds: dict[str, dict[str, str]]) -> str:
    """What a first start says where these Pythons ("folder/name") are all there are."""
    shutil.copy(LAUNCHER, folder / "pubcat")
    (folder / "requirements.lock").touch()
    tools = folder / "tools"
    tools.mkdir()
    for tool in ("cmp", "sh"):
        (tools / tool).symlink_to(shutil.which(tool) or tool)
    path = [tools]
    for name, build in builds.items():
        python = folder / name
        python.parent.mkdir(exist_ok=True)
        python.write_text(PYTHON.format(real=sys.executable, **build))
        python.chmod(0o755)
        if python.parent not in path:
            path.append(python.parent)
    done = subprocess.run(
        [folder / "pubcat", "--help"],
        env={"PATH": ":".join(map(str, path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr.replace(f"{folder}/", "")


@pytest.mark.parametrize("fast", [ASKED, DISTRIBUTED])
def test_a_python_built_to_be_fast_is_found_behind_a_plain_one(tmp_path: Path, fast: dict[str, str]) -> None:
    said = set_up(tmp_path, {"a/python3.12": PLAIN, "a/python3": PLAIN, "b/python3": fast})
    assert "made with b/python3\n" in said
    assert "setting up .venv with b/python3" in said


def test_of_fast_pythons_the_newest_is_taken(tmp_path: Path) -> None:
    said = set_up(tmp_path, {"a/python3": DISTRIBUTED, "b/python3.12": ASKED})
    assert "made with b/python3.12\n" in said


def test_a_plain_python_will_do(tmp_path: Path) -> None:
    said = set_up(tmp_path, {"a/python3": BARE, "b/python3": PLAIN, "c/python3": OLD})
    assert "made with b/python3\n" in said


def test_without_venv_it_says_what_to_install(tmp_path: Path) -> None:
    said = set_up(tmp_path, {"a/python3": BARE, "b/python3": OLD})
    assert "apt install python3.11-venv" in said


def test_an_old_python_is_named(tmp_path: Path) -> None:
    said = set_up(tmp_path, {"a/python3": OLD})
    assert "3.11 or newer is needed, found 3.9" in said
