"""One error that is known: how it is recognised, what it means here, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """Which values of a stack bear on an error; `stack_values` has them in words."""

    ACCESS = "access"
    AUTHENTICATION = "authentication"
    CORES = "cores"
    GALLERY = "gallery"
    LINEAGE = "lineage"
    NODE_AGENTS = "node agents"
    PLACE = "place"
    REPLICAS = "replicas"
    SCALE = "scale"
    SIZES = "sizes"
    SOURCES = "sources"
    SUBSCRIPTIONS = "subscriptions"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownError:
    """One error of the catalogue.

    `codes` are the services' own, or the name that they give to a node's state. `texts` are pieces
    of their messages, without regard to case and white space; `...` in one stands for anything up
    to a few hundred characters. `brief` says in one sentence what is wrong and what to do, for a
    line under an error; `meaning`, `causes` (the likeliest first) and `fix` say it in full.
    `sentences` are those of the document it rests on, `source` is where the text of the error, or
    its cause, was seen. A `general` error wraps or accompanies others, and says less than any.
    """

    id: str
    codes: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    brief: str
    meaning: str
    causes: tuple[str, ...]
    fix: str
    topics: tuple[Topic, ...] = ()
    sentences: tuple[str, ...] = ()
    source: str
    general: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """What one may call it: its id and the services' codes."""
        return (self.id, *self.codes)
