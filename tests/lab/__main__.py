"""``python -m tests.lab PART [options]``: one part a file of this folder, each with ``main(argv) -> int``.

The first line of a part's docstring says what it does; ``PART --help`` lists its options. A part prints one table,
then lines ``FIGURE name value unit``; its exit code is 0 when everything held, else 1.
"""

from __future__ import annotations

import ast
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent


def parts() -> dict[str, str]:
    """Name of each part and what it does, without importing any."""
    found: dict[str, str] = {}
    for path in sorted(HERE.glob("[a-z]*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            found[path.stem.replace("_", "-")] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


def main(argv: list[str]) -> int:
    """Runs one part; 2 when nobody knows it."""
    known = parts()
    if argv and argv[0] in known:
        code: int = import_module(f"tests.lab.{argv[0].replace('-', '_')}").main(argv[1:])
        return code
    print("usage: python -m tests.lab PART [options]\n")
    for name, line in known.items():
        print(f"  {name:<14} {line}")
    return 0 if argv in (["-h"], ["--help"]) else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
