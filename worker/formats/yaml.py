"""YAML of strangers: scalars stay texts, and nothing is built that is deeper or larger than what was written."""

from __future__ import annotations

from typing import Any

from worker.errors import Malformed
from worker.page import decode_text

DEEPEST = 100
MOST_NODES = 5_000_000


def read(body: bytes, where: str) -> Any:
    """The first document as lists, dictionaries and texts; empty scalars are nothing.

    Raises:
        Malformed: not YAML, nested beyond measure, or with aliases, by which a few lines become a billion.
    """
    import yaml

    stack: list[Any] = []
    keys: list[Any] = []
    whole: Any = None
    n_nodes = 0

    def put(value: Any) -> None:
        nonlocal whole
        if not stack:
            whole = value
        elif isinstance(stack[-1], list):
            stack[-1].append(value)
        elif keys[-1] is None:
            keys[-1] = value if isinstance(value, str) else str(value)[:100]
        else:
            stack[-1][keys[-1]] = value
            keys[-1] = None

    try:
        for event in yaml.parse(decode_text(body), Loader=yaml.CBaseLoader):
            n_nodes += 1
            if isinstance(event, yaml.AliasEvent):
                raise Malformed(f"{where}: expected YAML without aliases, found *{event.anchor}")
            if isinstance(event, yaml.ScalarEvent):
                plain = event.style is None and event.value in ("", "~", "null")
                put(
                    ""
                    if plain and stack and isinstance(stack[-1], dict) and keys[-1] is None
                    else None
                    if plain
                    else event.value
                )
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                if len(stack) >= DEEPEST or n_nodes > MOST_NODES:
                    raise Malformed(f"{where}: expected YAML, found too many levels or nodes")
                if stack and isinstance(stack[-1], dict) and keys[-1] is None:
                    raise Malformed(f"{where}: expected YAML with plain keys, found a key that is a list or mapping")
                value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
                put(value)
                stack.append(value)
                keys.append(None)
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                stack.pop()
                keys.pop()
            elif isinstance(event, yaml.DocumentEndEvent):
                break
    except yaml.YAMLError as error:
        raise Malformed(f"{where}: expected YAML, found {' '.join(str(error).split())[:200]}", body) from error
    return whole  # fmt: skip
