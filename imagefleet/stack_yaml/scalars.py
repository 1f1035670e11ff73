"""Plain scalars by the rules of YAML 1.2, and those on which YAML's readers disagree.

The CLI rewrites some of them on its way to the program: `1.10` becomes 1.1, `010` an 8, a bare
date a timestamp. YAML 1.1 tools read others as something else: `yes`, `12:30`. Both are refused.
"""

from __future__ import annotations

import re

_INT64 = range(-(2**63), 2**63)

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {
    spelling: word == "true"
    for word in ("true", "false")
    for spelling in (word, word.capitalize(), word.upper())
}
_OLD_BOOLEAN = re.compile(r"(?:y|yes|on|n|no|off)\Z", re.IGNORECASE)
_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]*)\Z")
_ODD_INTEGER = re.compile(
    r"[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)\Z", re.IGNORECASE
)
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]{0,8})\.[0-9]{0,5}[1-9]\Z")
_ODD_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:e[-+]?[0-9]+)?\Z|[-+]?\.inf\Z|\.nan\Z",
    re.IGNORECASE,
)
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?\Z")

_AMBIGUOUS: tuple[tuple[re.Pattern[str], str], ...] = (
    (_OLD_BOOLEAN, "older YAML reads it as true or false, newer YAML as text"),
    (_SEXAGESIMAL, "older YAML reads it as a number in base 60"),
    (_DATE, "it reaches the program as a timestamp such as 2027-06-30 00:00:00 +0000 UTC"),
    (_ODD_INTEGER, "it reaches the program as another number (octal, hexadecimal, signs, size)"),
    (_ODD_FLOAT, "it is read as a decimal fraction and loses digits (1.0 becomes 1, 1.10 1.1)"),
)

_ADVICE = {
    _OLD_BOOLEAN: "write true or false, or ",
    _ODD_INTEGER: "write it in plain digits, or ",
    _ODD_FLOAT: "write it in plain digits, or ",
}


def read_plain(text: str) -> str | int | float | bool | None:
    """The value of the plain scalar `text`; an ambiguous one is returned as text."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.match(text) and int(text) in _INT64:
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    return text


def ambiguity(text: str) -> str | None:
    """Why the plain scalar `text` is refused, with what to do; None for a clear one."""
    if not isinstance(read_plain(text), str):
        return None
    for pattern, reason in _AMBIGUOUS:
        if pattern.match(text):
            advice = _ADVICE.get(pattern, "")
            return f'is {text}: {reason}; {advice}quote it if you mean the text: "{text}"'
    return None
