"""The configuration of a stack file as the engine hands it to a program: keys and strings."""

from __future__ import annotations

import json

from imagefleet.stack_yaml.errors import StackFileError, StackFileFault
from imagefleet.stack_yaml.files import StackFile
from imagefleet.stack_yaml.keys import full_key


def config_strings(stack: StackFile, project: str) -> dict[str, str]:
    """The configuration of `stack` as the engine hands it to a program: full keys to strings.

    Structured values are JSON with sorted keys, as the engine writes it. Raises StackFileError
    when one key is there twice, with and without the project's namespace.
    """
    strings: dict[str, str] = {}
    for key, value in stack.config.items():
        name = full_key(key, project) or key
        if name in strings:
            fault = StackFileFault(
                key=f"config.{key}", message=f"is '{name}' a second time; keep one of the two"
            )
            raise StackFileError(stack.path, (fault,))
        strings[name] = _text(value)
    return strings


def secret_config_keys(stack: StackFile, project: str) -> frozenset[str]:
    """The full keys of `stack` whose values are, or hold, a secret."""
    return frozenset(full_key(key, project) or key for key in stack.secret_keys)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # The engine's JSON encoder writes these as escapes; equal strings keep both engines alike.
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
