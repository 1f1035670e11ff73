"""What a rehearsal takes for granted: the things outside that nobody has told of, in one line."""

from __future__ import annotations

import contextlib
from collections import Counter

from rich.console import Console
from rich.markup import escape

from imagefleet.offline.engine import Workspace
from imagefleet.offline.services.assumed import assumed
from imagefleet.offline.store import Store


def print_assumed(workspace: Workspace, console: Console) -> None:
    """Print how many things of each type are assumed to exist; without any, nothing."""
    with contextlib.closing(Store(workspace.azure_store)) as store, store.read() as transaction:
        types = (each.resource_type.partition("/")[2] for each in assumed(transaction))
        found = Counter(types)
    if found:
        kinds = ", ".join(f"{kind} ({count})" for kind, count in sorted(found.items()))
        text = f"outside, assumed to exist: {kinds}; imagefleet doctor asks Azure"
        console.print(escape(text), soft_wrap=True)
