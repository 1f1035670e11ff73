"""A list of supported base images with its date and where it is from, and its form as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from imagefleet.domain import node_agents
from imagefleet.domain.node_agents import BaseImage

_FORMAT: Final = 1


class CatalogueError(ValueError):
    """A document that is no catalogue; the message says where and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageCatalogue:
    """Base images as of a day; `origin` is `catalogue`, a file's name, or `account NAME`."""

    as_of: date
    origin: str
    entries: tuple[BaseImage, ...]


BUILT_IN: Final = ImageCatalogue(
    as_of=node_agents.AS_OF, origin="catalogue", entries=node_agents.CATALOGUE
)


def document(catalogue: ImageCatalogue) -> dict[str, Any]:
    """Return the catalogue as plain values; `parse` reads them."""
    return {
        "format": _FORMAT,
        "asOf": catalogue.as_of.isoformat(),
        "origin": catalogue.origin,
        "images": [
            {
                "publisher": entry.publisher,
                "offer": entry.offer,
                "skus": list(entry.skus),
                "nodeAgent": entry.agent,
                "ends": None if entry.ends is None else entry.ends.isoformat(),
                "source": entry.source,
            }
            for entry in catalogue.entries
        ],
    }


def parse(found: object, *, origin: str) -> ImageCatalogue:
    """Return the catalogue that `document` wrote; raises `CatalogueError`."""
    if not isinstance(found, Mapping) or found.get("format") != _FORMAT:
        message = f"must be an object with format {_FORMAT}, as `imagefleet images refresh` writes"
        raise CatalogueError(message)
    try:
        return ImageCatalogue(
            as_of=date.fromisoformat(found["asOf"]),
            origin=origin,
            entries=tuple(_entry(each) for each in found["images"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        message = f"is damaged ({type(error).__name__}: {error}); write it anew"
        raise CatalogueError(message) from error


def _entry(found: Mapping[str, Any]) -> BaseImage:
    ends = found["ends"]
    return BaseImage(
        publisher=str(found["publisher"]).lower(),
        offer=str(found["offer"]).lower(),
        skus=tuple(str(sku).lower() for sku in found["skus"]),
        agent=node_agents.normalise(str(found["nodeAgent"])),
        ends=None if ends is None else date.fromisoformat(ends),
        source=str(found["source"]),
    )


def of_service(bodies: Sequence[Mapping[str, Any]], *, account: str, on: date) -> ImageCatalogue:
    """Return what an account answers when it is asked for supported images, on that day.

    `bodies` are in the service's own JSON (Batch REST API, List Supported Images). Images of one
    offer with one agent and one end become one entry; what is `unverified` is listed like the rest.
    """
    grouped: dict[tuple[str, str, str, date | None], list[str]] = {}
    for body in bodies:
        reference = body.get("imageReference") or {}
        if not reference.get("publisher"):
            continue
        end = body.get("batchSupportEndOfLife")
        key = (
            str(reference["publisher"]).lower(),
            str(reference["offer"]).lower(),
            node_agents.normalise(str(body["nodeAgentSKUId"])),
            None if not end else date.fromisoformat(str(end)[:10]),
        )
        skus = grouped.setdefault(key, [])
        sku = str(reference["sku"]).lower()
        if sku not in skus:
            skus.append(sku)
    entries = tuple(
        BaseImage(
            publisher=publisher, offer=offer, skus=tuple(sorted(skus)), agent=agent, ends=ends,
            source=f"account {account}",
        )
        for (publisher, offer, agent, ends), skus in grouped.items()
    )  # fmt: skip
    return ImageCatalogue(as_of=on, origin=f"account {account}", entries=entries)
