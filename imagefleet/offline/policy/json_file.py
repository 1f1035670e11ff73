"""Reading a JSON file that a person or a command wrote, with one clear error for a bad one."""

from __future__ import annotations

import codecs
import json
import sys
from pathlib import Path
from typing import Any, NoReturn

from imagefleet.offline.engine import WorkspaceError

STANDARD_INPUT = Path("-")


class PolicyInputError(WorkspaceError):
    """A file given to a policy command that cannot be used: which, where, and what it should be."""


def read_json(path: Path) -> Any:
    """Return the JSON value in `path` (`-` for standard input); raises `PolicyInputError`.

    UTF-8, and UTF-16 with its mark as PowerShell writes it. Keys given twice, `NaN` and numbers
    too large for a double are refused: what reads the file next would see another value.
    """
    name = "standard input" if path == STANDARD_INPUT else str(path)
    text = _text(name, _content(path, name))
    if not text.strip():
        raise refusal(name, "is empty")
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float
        )
    except json.JSONDecodeError as error:
        raise refusal(name, f"is not JSON: {_problem(error)}") from None
    except _BadValue as error:
        raise refusal(name, str(error)) from None
    except RecursionError:
        raise refusal(name, "is nested too deeply to be read") from None
    except ValueError:  # the only other one: an integer of thousands of digits
        raise refusal(name, "holds a number too large for a double") from None


def _content(path: Path, name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == STANDARD_INPUT else path.read_bytes()
    except FileNotFoundError:
        problem = "does not exist"
    except IsADirectoryError:
        problem = "is a folder, not a file"
    except OSError as error:
        problem = f"cannot be read: {error.strerror or type(error).__name__}"
    raise refusal(name, problem)


def _text(name: str, content: bytes) -> str:
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise refusal(
            name, f"is not JSON: it is no text in UTF-8 (byte {error.start + 1})"
        ) from None


def _problem(error: json.JSONDecodeError) -> str:
    place = f"line {error.lineno} column {error.colno}"
    unfinished = error.pos >= len(error.doc.rstrip()) or "Unterminated string" in error.msg
    if unfinished:
        return f"it ends in the middle of a value ({place}); the file may be cut off"
    return f"{error.msg[:1].lower()}{error.msg[1:]} ({place})"


class _BadValue(Exception):  # noqa: N818 caught in this file
    """JSON in form, but a value that cannot be meant."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        message = f"has an object that gives {twice[0]!r} twice; keep one of them"
        raise _BadValue(message)
    return result


def _constant(name: str) -> NoReturn:
    message = f"holds {name}, which is no JSON value"
    raise _BadValue(message)


def _float(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        message = "holds a number too large for a double"
        raise _BadValue(message)
    return value


def refusal(name: str, problem: str) -> PolicyInputError:
    """Return the error about a file: its name, and what is wrong with it."""
    message = f"{name} {problem}"
    return PolicyInputError(message)
