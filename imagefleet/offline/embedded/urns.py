"""URNs, provider references and type tokens, as Pulumi writes them."""

from __future__ import annotations

ROOT_STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"


def make_urn(stack: str, project: str, parent: str, type_token: str, name: str) -> str:
    """Return the URN of a resource; a parent other than the stack adds its types to the chain."""
    chain = type_token
    if parent:
        parent_chain = qualified_type(parent)
        if parent_chain != ROOT_STACK_TYPE:
            chain = f"{parent_chain}${type_token}"
    return f"urn:pulumi:{stack}::{project}::{chain}::{name}"


def qualified_type(urn: str) -> str:
    """Return the whole type chain of a URN, `Parent$Child`."""
    return urn.split("::", 3)[2]


def type_of(urn: str) -> str:
    """Return the resource's own type, the last link of the chain."""
    return qualified_type(urn).rsplit("$", 1)[-1]


def name_of(urn: str) -> str:
    """Return the logical name of a URN."""
    return urn.split("::", 3)[3]


def is_provider(type_token: str) -> bool:
    """Whether a type is that of a provider resource."""
    return type_token.startswith(PROVIDER_PREFIX)


def is_default_provider(urn: str) -> bool:
    """Whether a URN is that of a provider which the engine made because none was given."""
    return is_provider(type_of(urn)) and name_of(urn).startswith("default")


def provider_urn(reference: str) -> str:
    """Return the URN part of a provider reference `<urn>::<id>`, empty for an empty one."""
    return reference.rsplit("::", 1)[0] if reference else ""


def package_of(type_token: str) -> str:
    """Return the package of a type token `package:module:Type`."""
    return type_token.split(":", 1)[0]


def quoted(text: str) -> str:
    """Return text in the double quotes of Go's `%q`, as the engine's messages have it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
