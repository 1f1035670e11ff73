"""The four routes by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from imagefleet.domain.samples.az import az
from imagefleet.domain.samples.context import Context, Sample
from imagefleet.domain.samples.csharp import csharp
from imagefleet.domain.samples.portal import portal
from imagefleet.domain.samples.python import python


class Route(StrEnum):
    """A way to make a pool, as the document has it."""

    PYTHON = "python"
    AZ = "az"
    CSHARP = "csharp"
    PORTAL = "portal"


ROUTES: Final[Mapping[Route, Callable[[Context], Sample]]] = MappingProxyType(
    {Route.PYTHON: python, Route.AZ: az, Route.CSHARP: csharp, Route.PORTAL: portal}
)
