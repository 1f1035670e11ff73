"""Reading a stack file from disk: its text, its one document, its configuration."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.reader import ReaderError

from imagefleet.stack_yaml.errors import StackFileError, StackFileFault
from imagefleet.stack_yaml.keys import full_key
from imagefleet.stack_yaml.nodes import TOO_DEEP, NodeReader, mark
from imagefleet.stack_yaml.places import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ruamel.yaml.nodes import Node

    from imagefleet.domain.fault import Path as KeyPath

_STACK_KEYS = ("config", "environment", "secretsprovider", "encryptedkey", "encryptionsalt")


@dataclass(frozen=True, slots=True, kw_only=True)
class StackFile:
    """What a stack file says.

    `config` maps keys, as written, to plain values in which every `secure:` value is
    `SECRET_PLACEHOLDER`; `secret_keys` are the keys that are, or hold, such a value. `environment`
    names what is imported from Pulumi ESC, whose values are not in the file.
    """

    path: Path
    config: Mapping[str, object]
    secret_keys: frozenset[str] = frozenset()
    environment: tuple[str, ...] = ()
    node: Node | None = field(default=None, repr=False, compare=False)

    def place(self, steps: KeyPath) -> tuple[int, int] | None:
        """Line and column, from 1, of what stands at `steps` of the file; None for nothing.

        Of a value in a mapping it is the place of its key.
        """
        return None if self.node is None else place_of(self.node, steps)


def read_stack_file(path: Path) -> StackFile:
    """Read `path` as a stack file (`Pulumi.<stack>.yaml`).

    Raises StackFileError with every fault, each with line, column and key.
    """
    reader = NodeReader()
    node, document = _composed(path, reader)
    for key in document:
        near = difflib.get_close_matches(key, _STACK_KEYS, n=1)
        if key not in _STACK_KEYS and near:
            reader.complain((key,), f"is no key of a stack file; did you mean '{near[0]}'?")
    config = document.get("config")
    if config is not None and not isinstance(config, dict):
        reader.complain(("config",), "must be a mapping of keys to values")
    config = config if isinstance(config, dict) else {}
    for key in config:
        if full_key(key, "project") is None:
            advice = "is no configuration key; the form is <namespace>:<name>"
            reader.complain(("config", key), advice)
    environment = tuple(_environment(document.get("environment"), reader))
    if reader.faults:
        raise StackFileError(path, tuple(reader.faults))
    secrets = frozenset(str(steps[1]) for steps in reader.secrets if len(steps) > 1)
    return StackFile(
        path=path, config=config, secret_keys=secrets, environment=environment, node=node
    )


def read_mapping(path: Path) -> dict[str, object]:
    """Read `path`, any YAML file that holds one mapping (`Pulumi.yaml`), by the same rules.

    Raises StackFileError with every fault, each with line, column and key.
    """
    reader = NodeReader()
    _, document = _composed(path, reader)
    if reader.faults:
        raise StackFileError(path, tuple(reader.faults))
    return document


def _environment(value: object, reader: NodeReader) -> Iterator[str]:
    """The names of the imported environments, of whichever form."""
    imports: object = value
    if isinstance(value, dict):
        imports = value.get("imports")
        if "values" in value:
            yield "(values written in the stack file)"
    if imports is None:
        return
    if not isinstance(imports, list):
        reader.complain(("environment",), "must be a list of environment names")
        return
    for item in imports:
        yield next(iter(item), "?") if isinstance(item, dict) else str(item)


def _composed(path: Path, reader: NodeReader) -> tuple[Node, dict[str, object]]:
    """The one mapping in `path`, as a node and as plain values.

    Raises StackFileError where no mapping can be had at all.
    """
    text = _file_text(path)
    try:
        node = reader.yaml.compose(text)
    except YAMLError as error:
        raise StackFileError(path, (_syntax_fault(error, text),)) from None
    except RecursionError:
        raise StackFileError(path, (StackFileFault(message=TOO_DEEP),)) from None
    if node is None or (isinstance(node, ScalarNode) and not node.value):
        hint = "is empty; a stack file starts with `config:` (see docs/stack-file.md)"
        raise StackFileError(path, (StackFileFault(message=hint),))
    value = reader.value(node)
    if not isinstance(value, dict):
        line, column = mark(node)
        hint = "must hold a mapping that starts with `config:`, not a list or a single value"
        fault = StackFileFault(message=hint, line=line, column=column)
        raise StackFileError(path, (fault,))
    return node, value


def _file_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fault = StackFileFault(message=f"is not UTF-8 text (byte {error.start + 1}); save it so")
    except FileNotFoundError:
        others = sorted(file.name for file in path.parent.glob("Pulumi.*.yaml"))
        beside = f"; beside it: {', '.join(others)}" if others else ""
        fault = StackFileFault(message=f"does not exist{beside}")
    except OSError as error:
        fault = StackFileFault(message=f"cannot be read: {error.strerror or error}")
    raise StackFileError(path, (fault,))


def _syntax_fault(error: YAMLError, text: str) -> StackFileFault:
    """What the parser stumbled over, without the line itself, which may hold a secret."""
    if isinstance(error, ReaderError):
        before = text[: error.position]
        code = error.character if isinstance(error.character, int) else ord(error.character)
        return StackFileFault(
            message=f"is not YAML: the character U+{code:04X} is not allowed",
            line=before.count("\n") + 1,
            column=len(before) - before.rfind("\n"),
        )
    problem, line, column = "it cannot be parsed", 0, 0
    if isinstance(error, MarkedYAMLError):
        problem = " ".join(str(error.problem or error.context or problem).split())
        place = error.problem_mark or error.context_mark
        if place is not None:
            line, column = place.line + 1, place.column + 1
    lines = text.splitlines()
    if "\t" in (lines[line - 1] if 0 < line <= len(lines) else ""):
        problem = "there is a tab in this line; YAML is indented with spaces only"
    elif "expected a single document" in str(error):
        problem = "there is a second document (`---`); a stack file holds one"
    return StackFileFault(message=f"is not YAML: {problem}", line=line, column=column)
