"""Rules about the node agent of a pool, which must fit the system of its image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from imagefleet.domain import node_agents
from imagefleet.domain.findings import Cause, Doubt, Finding
from imagefleet.domain.fleet import ImageIdentifier, OsType
from rules import tokens, wording
from rules.canonical import ABSENT, UNKNOWN, Missing, Resource, path_text, presence, text
from rules.conditions import NOT_KNOWN, not_known, shown
from rules.examples import captured, definition, lone_pool, pool, together, version
from rules.once import once
from rules.pool_source import (
    MACHINE,
    definition_of,
    made_by,
    not_known_of,
    outside_stack,
    version_of,
)
from rules.verdicts import (
    Context,
    Level,
    NotApplicable,
    Option,
    Outcome,
    Rule,
    Severity,
    StackRule,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.canonical import Path
    from rules.stack import Stack

AGENT = (*MACHINE, "nodeAgentSkuId")
_WINDOWS = (*MACHINE, "windowsConfiguration")
_BASE = ("storageProfile", "imageReference")
_PARTS = ("publisher", "offer", "sku")
_OS_TYPES = tuple(kind.value for kind in OsType)
_Base = ImageIdentifier | Literal[Missing.UNKNOWN] | None

BASE_IMAGE = Option(
    name="baseImage",
    schema={
        "type": "string",
        "description": "Marketplace image, as publisher/offer/sku, that images from outside the "
        "stack descend from.",
    },
    default="",
)


def _system(pool: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    agent = text(pool.props, *AGENT)
    if agent is UNKNOWN:
        yield not_known(AGENT)
    elif agent is ABSENT:
        yield Finding(path=path_text(AGENT), actual="absent", needed="the agent of the image")
    elif node_agents.os_type(str(agent)) is OsType.LINUX:
        windows = presence(pool.props, *_WINDOWS)
        if windows is True:
            yield Finding(path=path_text(_WINDOWS), actual="set, with a Linux agent",
                          needed="absent")  # fmt: skip
        elif windows is UNKNOWN:
            yield not_known(_WINDOWS)
    if isinstance(agent, str):
        yield from _same_system(agent, pool, stack)


def _same_system(agent: str, pool: Resource, stack: Stack) -> Iterator[Outcome]:
    image = definition_of(pool, stack)
    if not isinstance(image, Resource):
        yield image
        return
    value = text(image.props, "osType")
    if value is UNKNOWN:
        yield not_known_of(image, "osType")
    elif isinstance(value, str):
        served = node_agents.os_type(agent)
        if value.strip().casefold() != served.value.casefold():
            system = shown(value, _OS_TYPES)
            yield Finding(
                path=path_text(AGENT),
                actual=f"an agent for {served.value}, on an image of {system}",
                needed=f"an agent for {system}",
            )


def _fits_base(pool: Resource, stack: Stack, _: Context) -> Iterator[Outcome]:
    base = _base_of(pool, stack)
    if not isinstance(base, ImageIdentifier):
        yield base
        return
    yield from _fits(pool, base, "the base of the image")


def _fits_evidence(pool: Resource, stack: Stack, context: Context) -> Iterator[Outcome]:
    if isinstance(_base_of(pool, stack), ImageIdentifier):
        yield NotApplicable("the base is known, and pool-node-agent-sku judges it")
        return
    image = definition_of(pool, stack)
    if isinstance(image, NotApplicable):
        yield image
        return
    if isinstance(image, Resource):
        identifier = _identifier(image, ("identifier",))
        if identifier is UNKNOWN:
            yield not_known_of(image, "identifier")
            return
        if identifier is not None and node_agents.base_image(identifier) is not None:
            yield from _fits(pool, identifier, "the identifier of the image")
            return
    configured = str(context.options["baseImage"]).split("/")
    if len(configured) == len(_PARTS):
        publisher, offer, sku = configured
        base = ImageIdentifier(publisher=publisher, offer=offer, sku=sku)
        yield from _fits(pool, base, "the configured base image")
    elif isinstance(image, Doubt):
        yield image
    else:
        yield NotApplicable("nothing here says which Marketplace image it descends from")


def _fits(pool: Resource, base: ImageIdentifier, what: str) -> Iterator[Outcome]:
    """Require the agent that the dated catalogue has for a base image."""
    agent = text(pool.props, *AGENT)
    entry = node_agents.base_image(base)
    shown_base = wording.marketplace(base)
    if agent is UNKNOWN:
        yield not_known(AGENT)
    elif entry is None:
        detail = f"is to fit {shown_base}, which the catalogue of {node_agents.AS_OF} lacks"
        yield Doubt(path=path_text(AGENT), cause=Cause.EXTERNAL, detail=detail)
    elif isinstance(agent, str) and node_agents.normalise(agent) != entry.agent:
        yield Finding(
            path=path_text(AGENT),
            actual=f"{wording.agent(agent)}, where {what} is {shown_base}",
            needed=entry.agent,
        )


def _base_of(pool: Resource, stack: Stack) -> ImageIdentifier | Doubt | NotApplicable:
    """Return the Marketplace image that the pool's image descends from, through its builder."""
    image = version_of(pool, stack)
    if not isinstance(image, Resource):
        found = definition_of(pool, stack)
        if isinstance(found, NotApplicable):
            return found
        if image is UNKNOWN and made_by(pool, stack) is None:
            return not_known((*MACHINE, "imageReference", "id"))
        return outside_stack(getattr(image, "arm", None))
    known = once(stack, _known_bases)
    if image.urn not in known:
        makers = _machines(image, stack)
        bases = {base for maker in makers if (base := _identifier(maker, _BASE))}
        known[image.urn] = UNKNOWN if UNKNOWN in bases else bases.pop() if len(bases) == 1 else None
    base = known[image.urn]
    if isinstance(base, ImageIdentifier):
        return base
    still_open = base is UNKNOWN
    detail = f"is to fit the base of {wording.called(image)}, which " + (
        NOT_KNOWN if still_open else "the stack does not show"
    )
    cause = Cause.UNKNOWN if still_open else Cause.EXTERNAL
    return Doubt(path=path_text(AGENT), cause=cause, detail=detail)


def _known_bases(_: Stack) -> dict[str, _Base]:
    """Return where bases are kept by the URN of an image version: many pools run the same one."""
    return {}


def _machines(image: Resource, stack: Stack) -> list[Resource]:
    """Return the machines behind an image version, through the lineage's own links."""
    found: dict[str, Resource] = {}
    waiting, seen = [image], {image.urn}
    while waiting:
        for maker in stack.makers(waiting.pop()):
            if maker.urn in seen:
                continue
            seen.add(maker.urn)
            waiting.append(maker)
            if maker.type == tokens.VIRTUAL_MACHINE:
                found[maker.urn] = maker
            elif maker.type == tokens.DISK:
                users = stack.dependants(maker, (tokens.VIRTUAL_MACHINE,))
                found.update((user.urn, user) for user in users)
    return list(found.values())


def _identifier(resource: Resource, path: Path) -> _Base:
    """Return publisher, offer and SKU at `path`, unknown if one is, None if one is absent."""
    values = [text(resource.props, *path, key) for key in _PARTS]
    if UNKNOWN in values:
        return UNKNOWN
    if any(isinstance(value, Missing) for value in values):
        return None
    publisher, offer, sku = (str(value).strip() for value in values)
    return ImageIdentifier(publisher=publisher, offer=offer, sku=sku)


def _supported(pool: Resource, context: Context) -> Iterator[Outcome]:
    value = text(pool.props, *AGENT)
    if value is UNKNOWN:
        yield not_known(AGENT)
    elif value is ABSENT:
        yield NotApplicable("the pool names no node agent, which pool-node-agent-os refuses")
    else:
        sku = str(value)
        known = node_agents.agent(sku)
        if known is not None and known.ended(context.today):
            yield _retired(f"{known.sku}, whose support ended on {known.ends}", context)
        elif node_agents.form_fault(sku) is not None:
            yield _retired("no node agent SKU", context)
        elif known is None:
            detail = f"is a node agent SKU that the catalogue of {node_agents.AS_OF} lacks"
            yield Doubt(path=path_text(AGENT), cause=Cause.EXTERNAL, detail=detail)


def _retired(actual: str, context: Context) -> Finding:
    needed = f"one of {', '.join(node_agents.skus(context.today))}"
    return Finding(path=path_text(AGENT), actual=actual, needed=needed)


_POOL = frozenset({tokens.BATCH_POOL})
_OTHER_AGENT = {"nodeAgentSkuId": "batch.node.el 9"}

POOL_NODE_AGENT_OS = StackRule(
    id="pool-node-agent-os",
    summary="A pool's node agent is for the operating system of its image.",
    why="An agent of the other system does not start, and neither does the node.",
    remedy="Choose a nodeAgentSkuId of the image's system, and set windowsConfiguration on "
    "Windows pools only.",
    sentences=("D66",),
    types=_POOL,
    severity=Severity.CRITICAL,
    level=Level.MANDATORY,
    check=_system,
    good=together(pool(), version(), definition()),
    bad=together(pool({"nodeAgentSkuId": "batch.node.windows amd64"}), version(), definition()),
)

POOL_NODE_AGENT_SKU = StackRule(
    id="pool-node-agent-sku",
    summary="A pool's node agent fits the Marketplace image that its image descends from.",
    why="The agent must agree with publisher, offer and SKU of the base, or the node does not "
    "start; Batch cannot tell from a gallery image.",
    remedy="Set nodeAgentSkuId to the SKU that the finding names.",
    sentences=("D66", "D69"),
    types=_POOL,
    severity=Severity.HIGH,
    level=Level.MANDATORY,
    check=_fits_base,
    good=together(pool(), version(), definition(), *captured()),
    bad=together(pool(_OTHER_AGENT), version(), definition(), *captured()),
)

POOL_NODE_AGENT_SKU_LIKELY = StackRule(
    id="pool-node-agent-sku-likely",
    summary="A pool's node agent fits what its image says about its base.",
    why="Where the builder is not in the stack, only an identifier copied from the base image, or "
    "this rule's baseImage, tells which agent starts.",
    remedy="Set nodeAgentSkuId to the SKU that the finding names, or correct the identifier.",
    sentences=("D66", "D69"),
    types=_POOL,
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=_fits_evidence,
    good=together(
        pool(),
        version(),
        definition(
            {"identifier": {"publisher": "canonical", "offer": "ubuntu-24_04-lts", "sku": "server"}}
        ),
    ),
    bad=together(
        pool(_OTHER_AGENT),
        version(),
        definition(
            {"identifier": {"publisher": "canonical", "offer": "ubuntu-24_04-lts", "sku": "server"}}
        ),
    ),
    options=(BASE_IMAGE,),
)

POOL_NODE_AGENT_RETIRED = Rule(
    id="pool-node-agent-retired",
    summary="A pool's node agent is still supported.",
    why="A pool with a retired agent may not be made or resized; the agent of the document's own "
    "sample is long retired.",
    remedy="Move to an image whose base has a supported agent.",
    sentences=("D70",),
    types=_POOL,
    severity=Severity.MEDIUM,
    level=Level.ADVISORY,
    check=_supported,
    good=lone_pool(),
    bad=lone_pool({"nodeAgentSkuId": "batch.node.ubuntu 16.04"}),
)

RULES = (
    POOL_NODE_AGENT_OS,
    POOL_NODE_AGENT_SKU,
    POOL_NODE_AGENT_SKU_LIKELY,
    POOL_NODE_AGENT_RETIRED,
)
