"""Where in a stack file a value stands, found in its composed nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from imagefleet.stack_yaml.nodes import is_merge, mark

if TYPE_CHECKING:
    from imagefleet.domain.fault import Path


def place_of(node: Node, steps: Path) -> tuple[int, int] | None:
    """Line and column, from 1, of the key or list item at `steps` below `node`; None for nothing.

    What an alias or a merge brings in stands where it is written.
    """
    sign: Node | None = None
    for step in steps:
        found = _child(node, step)
        if found is None:
            return None
        sign, node = found
    return None if sign is None else mark(sign)


def _child(node: Node, step: str | int) -> tuple[Node, Node] | None:
    """What marks the place of a step, and the value there."""
    if isinstance(node, SequenceNode):
        inside = isinstance(step, int) and 0 <= step < len(node.value)
        return (node.value[step], node.value[step]) if inside else None
    if not isinstance(node, MappingNode):
        return None
    for key, value in node.value:
        if isinstance(key, ScalarNode) and not is_merge(key) and key.value == str(step):
            return key, value
    for key, value in node.value:
        if is_merge(key):
            for part in value.value if isinstance(value, SequenceNode) else [value]:
                if found := _child(part, step):
                    return found
    return None
