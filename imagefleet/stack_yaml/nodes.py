"""From composed YAML nodes to plain values, with every fault and every secret found on the way."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from imagefleet.domain.fault import SECRET_PLACEHOLDER
from imagefleet.stack_yaml.errors import StackFileFault, shown
from imagefleet.stack_yaml.scalars import ambiguity, read_plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagefleet.domain.fault import Path

_MOST_VALUES = 1_000_000
_DEEPEST = 100
_STR_TAG = "tag:yaml.org,2002:str"

TOO_DEEP = f"is nested more than {_DEEPEST} levels deep"


def mark(node: Node) -> tuple[int, int]:
    """Line and column of `node`, counted from 1."""
    return node.start_mark.line + 1, node.start_mark.column + 1


def expanded_size(node: Node) -> float:
    """How many nodes `node` has once aliases are written out; infinite when one holds itself."""
    sizes: dict[int, float] = {}

    def size(part: Node) -> float:
        if id(part) not in sizes:
            sizes[id(part)] = math.inf  # until it is known: what holds itself has no end
            inner = chain.from_iterable(part.value) if isinstance(part, MappingNode) else part.value
            sizes[id(part)] = 1 if isinstance(part, ScalarNode) else 1 + sum(map(size, inner))
        return sizes[id(part)]

    return size(node)


@dataclass(slots=True)
class NodeReader:
    """Reads one document: `value` gives plain values, `faults` and `secrets` what was found.

    `secrets` holds the way to each `secure:` value, whose place takes `SECRET_PLACEHOLDER`.
    """

    yaml: YAML = field(default_factory=lambda: YAML(typ="safe", pure=True))
    faults: list[StackFileFault] = field(default_factory=list)
    secrets: list[Path] = field(default_factory=list)
    keys: dict[Path, Node] = field(default_factory=dict)

    def complain(self, steps: Path, message: str, node: Node | None = None) -> None:
        """Note a fault at `steps`; without `node` its place is that of the key, where known."""
        node = node or self.keys.get(steps)
        line, column = mark(node) if node is not None else (0, 0)
        fault = StackFileFault(message=message, key=shown(steps), line=line, column=column)
        if fault not in self.faults:
            self.faults.append(fault)

    def value(self, node: Node, steps: Path = ()) -> object:
        """The plain value of `node`, which stands at `steps`."""
        size = 0 if steps else expanded_size(node)
        if size > _MOST_VALUES:
            much = f"expands to more than {_MOST_VALUES:,} values by aliases"
            self.complain((), "has an alias that holds itself" if math.isinf(size) else much, node)
            return {}
        if len(steps) > _DEEPEST:
            self.complain(steps[:2], TOO_DEEP, self.keys.get(steps[:2]))
            return None
        readers: dict[type[Node], Callable[..., object]] = {
            ScalarNode: self._scalar,
            MappingNode: self._mapping,
            SequenceNode: self._sequence,
        }
        return readers[type(node)](node, steps)

    def _scalar(self, node: ScalarNode, steps: Path) -> object:
        text: str = node.value
        if self._has_tag(node, steps) or node.style is not None:
            return text
        reason = ambiguity(text)
        if reason is not None:
            self.complain(steps, reason, node)
        return read_plain(text)

    def _sequence(self, node: SequenceNode, steps: Path) -> list[object]:
        self._has_tag(node, steps)
        return [self.value(item, (*steps, index)) for index, item in enumerate(node.value)]

    def _mapping(self, node: MappingNode, steps: Path) -> object:
        self._has_tag(node, steps)
        found: dict[str, object] = {}
        merged: dict[str, object] = {}
        for key_node, value_node in node.value:
            if is_merge(key_node):
                merged = {**merged, **self._merge(value_node, steps)}
                continue
            key = self._key(key_node, steps)
            if key in found:
                self.complain((*steps, key), "is there twice; keep one of the two", key_node)
            if len(steps) < 2:  # noqa: PLR2004 (only `config` and its keys are asked for later)
                self.keys[*steps, key] = key_node
            found[key] = self.value(value_node, (*steps, key))
        if list(found) == ["secure"] and isinstance(found["secure"], str):
            self.secrets.append(steps)
            return SECRET_PLACEHOLDER
        return {**merged, **found}

    def _merge(self, node: Node, steps: Path) -> dict[str, object]:
        """The keys of a merge (`<<: *anchor`, or a list of which the first wins)."""
        parts = node.value if isinstance(node, SequenceNode) else [node]
        merged: dict[str, object] = {}
        for part in parts:
            value = self.value(part, (*steps, "<<")) if isinstance(part, MappingNode) else None
            if isinstance(value, dict):
                merged = {**value, **merged}
            else:
                self.complain((*steps, "<<"), "must name a mapping", node)
        return merged

    def _key(self, node: Node, steps: Path) -> str:
        if not isinstance(node, ScalarNode):
            self.complain(steps, "has a key that is not a single value", node)
            return "?"
        value = self._scalar(node, (*steps, node.value))
        if value is None or isinstance(value, bool | float):
            advice = f'is not read as text; quote the key: "{node.value}"'
            self.complain((*steps, node.value), advice, node)
        return str(node.value)

    def _has_tag(self, node: Node, steps: Path) -> bool:
        """Whether `node` has an explicit tag; any but `!!str` is a fault."""
        plain = node.style is None if isinstance(node, ScalarNode) else True
        value = node.value if isinstance(node, ScalarNode) else None
        tag = str(node.tag)
        if tag == str(self.yaml.resolver.resolve(type(node), value, (plain, not plain))):
            return False
        if tag != _STR_TAG:
            shown_tag = tag.replace("tag:yaml.org,2002:", "!!")
            self.complain(steps, f"has the tag {shown_tag}; a stack file needs none", node)
        return True


def is_merge(node: Node) -> bool:
    """Whether a key is `<<`, which brings the keys of another mapping in."""
    return isinstance(node, ScalarNode) and node.style is None and node.value == "<<"
