"""ARM addresses, taken apart: scope, provider namespace, types with their names, and a tail."""

from __future__ import annotations

from dataclasses import dataclass

from imagefleet.domain import arm_ids

_GROUPS = "resourcegroups"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a request goes.

    `scope` is what lies before the last `/providers/`; `pairs` are types with names; `tail` is a
    segment without a name: a collection (GET) or an action (POST), "" for none. `subscription`
    and `group` are "" where the address has none.
    """

    path: str
    scope: str
    namespace: str
    pairs: tuple[tuple[str, str], ...]
    tail: str
    subscription: str
    group: str

    @property
    def type_name(self) -> str:
        """The ARM type of the resource that the pairs lead to, in the address's own spelling."""
        return "/".join((self.namespace, *(kind for kind, _ in self.pairs)))

    @property
    def collection_type(self) -> str:
        """The ARM type of the members of the collection that `tail` names."""
        return f"{self.type_name}/{self.tail}"

    @property
    def resource_id(self) -> str:
        """The id that scope and pairs make."""
        names = "".join(f"/{kind}/{name}" for kind, name in self.pairs)
        return f"{self.scope}/providers/{self.namespace}{names}"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the pairs, outermost first."""
        return tuple(name for _, name in self.pairs)


def parse(path: str) -> Address:
    """Return an address taken apart; a path of any form has one, which may lead nowhere."""
    parts = [part for part in path.split("/") if part]
    folded = [part.casefold() for part in parts]
    subscription = _after(parts, folded, "subscriptions")
    group = _after(parts, folded, _GROUPS)
    if "providers" in folded[:-1]:
        at = len(folded) - 2 - folded[-2::-1].index("providers")
        namespace, rest = parts[at + 1], parts[at + 2 :]
        scope = "".join(f"/{part}" for part in parts[:at])
    else:
        # What has no provider in its address belongs to Microsoft.Resources.
        namespace, scope, rest = "Microsoft.Resources", "", parts
    pairs = tuple(zip(rest[::2], rest[1::2], strict=False))
    return Address(
        path="/" + "/".join(parts),
        scope=scope,
        namespace=namespace,
        pairs=pairs,
        tail=rest[-1] if len(rest) % 2 else "",
        subscription=subscription,
        group=group,
    )


def is_group(address: Address) -> bool:
    """Whether an address is a resource group's."""
    kinds = [kind.casefold() for kind, _ in address.pairs]
    return not address.scope and kinds == ["subscriptions", _GROUPS] and not address.tail


def group_id(address: Address) -> str:
    """Return the id of the resource group that an address lies in, "" for none."""
    if not address.group:
        return ""
    return arm_ids.resource_group(address.subscription, address.group)


def _after(parts: list[str], folded: list[str], name: str) -> str:
    at = folded.index(name) + 1 if name in folded else len(parts)
    return parts[at] if at < len(parts) else ""
