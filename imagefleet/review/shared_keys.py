"""The lint `no-shared-key-invoke`: program source that fetches or uses a Batch account's keys.

An invoke is invisible to a policy pack, so this requirement (D22) can only be read in the source.
Uses count, imports alone do not: the function called or passed on, its token in a generic
invoke, `get_keys` of the management client, and credentials made from a key.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from imagefleet.domain.judgements import RuleFacts

RULE = RuleFacts(
    id="no-shared-key-invoke",
    summary="A program neither fetches nor uses the shared keys of a Batch account.",
    kind="program",
    level="mandatory",
    severity="high",
    sentences=("D22",),
    remedy="Authenticate with Microsoft Entra ID: a managed identity or service principal with a "
    "role on the account, DefaultAzureCredential in client code. Then keys can be switched off "
    "with allowedAuthenticationModes.",
    url="docs/policy-check.md#no-shared-key-invoke",
)
WHY = (
    "Pools from custom images need Microsoft Entra authentication; a key works around it, is the "
    "same for everybody and lands in state and logs. Fetching it is a call of the program and no "
    "resource, so that no policy can see it."
)
GOOD = "from azure.identity import DefaultAzureCredential\ncredential = DefaultAzureCredential()\n"
BAD = (
    "from pulumi_azure_native import batch\n"
    'keys = batch.list_batch_account_keys("render", resource_group_name="fleet")\n'
)

_FUNCTIONS = ("list_batch_account_keys", "list_batch_account_keys_output")
_CREDENTIALS = ("SharedKeyCredentials",)
_NAMES = frozenset({*_FUNCTIONS, *_CREDENTIALS})
# azure-native:batch:listBatchAccountKeys and its versioned and local-package forms
_TOKEN = re.compile(r"^azure-native[\w]*:batch(/\w+)?:listBatchAccountKeys$")
_KEY_METHODS = frozenset({"get_keys", "regenerate_key", "begin_regenerate_key"})
_ACCOUNTS = re.compile(r"batch_?account", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """A use of shared keys: what is used, and where; line and column count from 1."""

    what: str
    line: int
    column: int


class UnreadableSource(ValueError):  # noqa: N818 a file that is no Python, named by the caller
    """Source that Python cannot parse; the text says where."""


def key_uses(source: bytes) -> list[KeyUse]:
    """Return the uses of shared keys in a Python file, in their order."""
    try:
        tree = ast.parse(source)
        uses = set(_uses(tree, _aliases(tree)))
    except SyntaxError as error:
        message = f"is not Python: {error.msg} (line {error.lineno or 1})"
        raise UnreadableSource(message) from None
    except (ValueError, RecursionError, MemoryError):
        message = "is not Python that can be parsed"
        raise UnreadableSource(message) from None
    return [KeyUse(what=what, line=line, column=column) for line, column, what in sorted(uses)]


def _aliases(tree: ast.AST) -> dict[str, str]:
    """Return the names under which a file imports what it should not use."""
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in _NAMES
    }


def _uses(tree: ast.AST, aliases: dict[str, str]) -> Iterator[tuple[int, int, str]]:
    for node in ast.walk(tree):
        what: str | None = None
        if isinstance(node, ast.Attribute) and node.attr in _NAMES:
            what = node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            what = aliases.get(node.id)
        elif isinstance(node, ast.Call):
            what = _called(node)
        if what is not None and isinstance(node, ast.expr):
            yield node.lineno, node.col_offset + 1, what


def _called(call: ast.Call) -> str | None:
    """Return what a call uses by a text: `getattr`, a generic invoke; or by a client's method."""
    for given in (*call.args, *(keyword.value for keyword in call.keywords)):
        if isinstance(given, ast.Constant) and isinstance(given.value, str):
            if given.value in _FUNCTIONS:
                return given.value
            if _TOKEN.match(given.value):
                return "listBatchAccountKeys"
    return _key_method(call.func) if isinstance(call.func, ast.Attribute) else None


def _key_method(function: ast.Attribute) -> str | None:
    owner = function.value
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    if function.attr in _KEY_METHODS and _ACCOUNTS.search(name):
        return f"{name}.{function.attr}"
    return None
