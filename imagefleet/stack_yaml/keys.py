"""Configuration keys: with their namespace, short or long."""

from __future__ import annotations


def full_key(key: str, project: str) -> str | None:
    """`key` with its namespace, `project` when it has none; None when it is no configuration key.

    The long form `<namespace>:config:<name>` is the same key as `<namespace>:<name>`.
    """
    namespace, *rest = key.split(":") if ":" in key else (project, key)
    if rest[:1] == ["config"] and rest[1:]:
        del rest[0]
    return f"{namespace}:{rest[0]}" if namespace and len(rest) == 1 and rest[0] else None
