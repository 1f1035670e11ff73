"""What makes a large program quick, kept in one place (docs/adr/0007)."""

from __future__ import annotations

import asyncio
import gc
import re

import pulumi

from components.debug_messages import gather_debug_messages

# A type token of azure-native with an API version, such as `azure-native:batch/v20240701:Pool`.
_VERSIONED_TOKEN = re.compile(r"azure-native:[a-z0-9]+/v\d{8}[a-z]*:\w+")

# New objects before the collector looks at the young ones, and young collections before it looks
# at older ones. Python's defaults suit a small heap; a program with thousands of resources holds
# a heap of futures that all stay alive, and went over it again and again.
_COLLECTOR_THRESHOLDS = (200_000, 20, 100)


def prepare_program(*, keep_provider_aliases: bool) -> None:
    """Take the avoidable costs of a large program away; call it before the first resource.

    The aliases that azure-native attaches for its older API versions are dropped from every
    resource, unless `keep_provider_aliases` is true: a stack that was made with such an older
    type token needs them once. Aliases of our own stay in any case. The SDK's debug messages
    go to the engine in bundles.
    """
    gc.set_threshold(*_COLLECTOR_THRESHOLDS)
    gather_debug_messages()
    if not keep_provider_aliases:
        pulumi.runtime.register_stack_transformation(_without_provider_aliases)


async def registrations_begun() -> None:
    """Let every registration start; give it to `pulumi.run` as the last step of a program.

    The SDK waits for the registrations it knows of, then for the outputs that are left, over all
    of which it goes again for each few that are done. Right after the program's last line it
    knows of no registration yet, so that a large program would spend its time on the outputs.
    """
    await asyncio.sleep(0)


def _without_provider_aliases(
    args: pulumi.ResourceTransformationArgs,
) -> pulumi.ResourceTransformationResult | None:
    if not args.opts.aliases or not args.type_.startswith("azure-native:"):
        return None
    opts = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions())
    opts.aliases = [alias for alias in args.opts.aliases if not _from_the_provider(alias)] or None
    return pulumi.ResourceTransformationResult(args.props, opts)


def _from_the_provider(alias: pulumi.Input[str | pulumi.Alias]) -> bool:
    """Whether an alias names an older type token and nothing else, as azure-native's do."""
    if not isinstance(alias, pulumi.Alias):
        return False
    # the SDK marks what an alias leaves as it is with `...`, which its types do not say
    others: tuple[object, ...] = (alias.name, alias.parent, alias.stack, alias.project)
    return (
        isinstance(alias.type_, str)
        and _VERSIONED_TOKEN.fullmatch(alias.type_) is not None
        and all(part is ... for part in others)
    )
