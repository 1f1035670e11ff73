"""A price file: what nodes and replicas cost, in figures that the user brings.

No price is known here: they differ by contract, region and day. What is read is a plain mapping
(the command reads the file), and every fault of it is reported at once.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from imagefleet.domain.fault import Fault, Path, dotted
from imagefleet.domain.regions import normalise

NO_CURRENCY: Final = "XXX"
"""ISO 4217's code for no currency: a price file that says so holds placeholders."""

# As the reader of YAML files asks for what it would round: "0.10" in quotes.
_PLAIN: Final = re.compile(r"\d{1,12}(\.\d{1,12})?", re.ASCII)
_RATES = ("replicaGigabyteMonth", "nodeHour")
_KEYS = ("currency", "asOf", "source", "imageGigabytes", "regions", *_RATES)
_KINDS = ("dedicated", "lowPriority")


class PriceFileError(ValueError):
    """A price file that cannot be used; `faults` are all that is wrong with it."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        lines = [f"{dotted(fault.path) or 'the file'} {fault.message}" for fault in faults]
        super().__init__("\n  ".join(["it is not a usable price file:", *lines]))


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePrice:
    """What one node of a VM size costs an hour, None where the file does not say."""

    dedicated: Decimal | None = None
    low_priority: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Prices of one region, or of all that are not listed.

    `replicas` are for one gigabyte kept for a month, by storage account type; `nodes` by VM size in
    lower case.
    """

    replicas: Mapping[str, Decimal] = field(default_factory=dict)
    nodes: Mapping[str, NodePrice] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """What a price file says; `image_gigabytes` are occupied gigabytes of all disks of an image."""

    currency: str
    as_of: date
    source: str
    everywhere: Rates
    regions: Mapping[str, Rates]
    image_gigabytes: Mapping[str, Decimal]

    @property
    def placeholder(self) -> bool:
        """Whether the figures are placeholders, by the file's own word."""
        return self.currency == NO_CURRENCY

    def replica_gigabyte_month(self, storage_type: str, region: str) -> Decimal | None:
        """The price of a gigabyte of one replica for a month, or None."""
        own = self.regions.get(region, Rates()).replicas.get(storage_type)
        return own if own is not None else self.everywhere.replicas.get(storage_type)

    def node_hour(self, vm_size: str, region: str) -> NodePrice:
        """The prices of one node for an hour, None in it where the file does not say."""
        own = self.regions.get(region, Rates()).nodes.get(vm_size.lower(), NodePrice())
        all_over = self.everywhere.nodes.get(vm_size.lower(), NodePrice())
        return NodePrice(
            dedicated=all_over.dedicated if own.dedicated is None else own.dedicated,
            low_priority=all_over.low_priority if own.low_priority is None else own.low_priority,
        )


def parse(raw: Mapping[str, Any]) -> PriceList:
    """The price list of a price file's mapping; raises `PriceFileError` with every fault."""
    reader = _Reader()
    reader.known((), raw, _KEYS)
    prices = PriceList(
        currency=reader.currency(raw),
        as_of=reader.day(raw),
        source=reader.text(raw, "source"),
        everywhere=reader.rates((), raw),
        regions=MappingProxyType(
            {
                normalise(str(name)): reader.region(("regions", str(name)), rates)
                for name, rates in reader.mapping((), raw, "regions").items()
            }
        ),
        image_gigabytes=reader.numbers((), raw, "imageGigabytes"),
    )
    if reader.faults:
        raise PriceFileError(tuple(reader.faults))
    return prices


class _Reader:
    """Reads a price file and notes every fault on the way."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, path: Path, value: object, message: str) -> None:
        self.faults.append(Fault(path=path, value=value, message=message))

    def known(self, path: Path, raw: Mapping[str, Any], keys: tuple[str, ...]) -> None:
        for key in raw:
            if key not in keys:
                close = difflib.get_close_matches(str(key), keys, n=1)
                hint = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(keys)}"
                self.fault((*path, str(key)), key, f"is not a known key; {hint}")

    def mapping(self, path: Path, raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = raw.get(key)
        if value is None:
            return {}
        if isinstance(value, Mapping):
            return value
        self.fault((*path, key), value, "must be a mapping")
        return {}

    def text(self, raw: Mapping[str, Any], key: str) -> str:
        value = raw.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.fault((key,), value, "must be a text: where the prices come from")
        return ""

    def currency(self, raw: Mapping[str, Any]) -> str:
        value, letters = raw.get("currency"), 3
        if isinstance(value, str) and len(value) == letters and value.isascii() and value.isupper():
            return value
        self.fault(("currency",), value, "must be three capital letters such as EUR")
        return ""

    def day(self, raw: Mapping[str, Any]) -> date:
        value = raw.get("asOf")
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value) if isinstance(value, str) else _no_day()
        except ValueError:
            self.fault(("asOf",), value, 'must be the day of the prices, such as "2026-11-01"')
            return date.min

    def region(self, path: Path, raw: object) -> Rates:
        if not isinstance(raw, Mapping):
            self.fault(path, raw, f"must be a mapping with {' or '.join(_RATES)}")
            return Rates()
        self.known(path, raw, _RATES)
        return self.rates(path, raw)

    def rates(self, path: Path, raw: Mapping[str, Any]) -> Rates:
        sizes = self.mapping(path, raw, "nodeHour")
        return Rates(
            replicas=self.numbers(path, raw, "replicaGigabyteMonth"),
            nodes=MappingProxyType(
                {
                    str(size).lower(): self.node((*path, "nodeHour", str(size)), price)
                    for size, price in sizes.items()
                }
            ),
        )

    def node(self, path: Path, raw: object) -> NodePrice:
        if not isinstance(raw, Mapping):
            self.fault(path, raw, f"must be a mapping with {' or '.join(_KINDS)}")
            return NodePrice()
        self.known(path, raw, _KINDS)
        dedicated, low = (self.number((*path, kind), raw.get(kind)) for kind in _KINDS)
        return NodePrice(dedicated=dedicated, low_priority=low)

    def numbers(self, path: Path, raw: Mapping[str, Any], key: str) -> Mapping[str, Decimal]:
        values = self.mapping(path, raw, key)
        read = {str(name): self.number((*path, key, str(name)), values[name]) for name in values}
        return MappingProxyType({name: value for name, value in read.items() if value is not None})

    def number(self, path: Path, value: object) -> Decimal | None:
        if value is None:
            return None
        if isinstance(value, str) and _PLAIN.fullmatch(value):
            return Decimal(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fault(path, value, f"must be a number, got {value!r}")
            return None
        if math.isfinite(value) and value >= 0:
            return Decimal(str(value))
        self.fault(path, value, f"must be a number of at least 0, got {value!r}")
        return None


def _no_day() -> date:
    message = "no day"
    raise ValueError(message)
