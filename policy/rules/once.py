"""What several rules derive from a whole stack, derived but once.

A stack rule is asked about one resource after the other; what takes a look at all of them would
make its cost grow with the square of the stack.
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from rules.canonical import Resource
    from rules.stack import Stack

T = TypeVar("T")


class _Memory(threading.local):
    """The last stack that a thread worked on, and what was built for it."""

    def __init__(self) -> None:
        self.stack: weakref.ref[Stack] | None = None
        self.built: dict[Any, Any] = {}


_MEMORY = _Memory()


def once(stack: Stack, build: Callable[[Stack], T]) -> T:
    """Return `build(stack)`, built at the first call for this stack; `build` is the key."""
    return _kept(stack, build, lambda: build(stack))


def each_once(stack: Stack, resource: Resource, build: Callable[[Resource, Stack], T]) -> T:
    """Return `build(resource, stack)`, built at the first call for this resource of the stack.

    What `build` raises is raised anew each time.
    """
    return _kept(stack, (build, resource.urn), lambda: build(resource, stack))


def _kept(stack: Stack, key: object, build: Callable[[], T]) -> T:
    if _MEMORY.stack is None or _MEMORY.stack() is not stack:
        _MEMORY.stack, _MEMORY.built = weakref.ref(stack), {}
    if key not in _MEMORY.built:
        _MEMORY.built[key] = build()
    found: T = _MEMORY.built[key]
    return found
