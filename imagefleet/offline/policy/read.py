"""What `imagefleet policy check` judges: a deployment file, or a plain list of resources.

Both forms become resources as the engine shows them to a policy pack. What is wrong with a file
is told in one error, every fault with its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imagefleet.offline.policy import deployment as deployment_file
from imagefleet.offline.policy import resources as resource_list
from imagefleet.offline.policy.json_file import read_json, refusal
from imagefleet.offline.policy.subjects import InputFaults, PolicyInput

_FORMS = (
    "it must be what `pulumi stack export` writes, or "
    '{"resources": [{"type": ..., "name": ..., "props": {...}}]}'
)


def read_input(path: Path) -> PolicyInput:
    """Return the resources in `path` (`-` for standard input); raises `PolicyInputError`."""
    document = read_json(path)
    name = str(path)
    try:
        if not isinstance(document, Mapping):
            raise refusal(name, f"holds no JSON object; {_FORMS}")
        exported = _deployment(document)
        if exported is not None:
            return deployment_file.read(exported, InputFaults(name))
        if "resources" in document:
            return resource_list.read(document, InputFaults(name))
    except RecursionError:
        raise refusal(name, "is nested too deeply to be judged") from None
    raise refusal(name, f"{_hint(document)}; {_FORMS}")


def _deployment(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the deployment in an exported file, or in the inner part of one."""
    inner = document.get("deployment")
    if isinstance(inner, Mapping) and ("manifest" in inner or "resources" in inner):
        return inner
    return document if "manifest" in document and "resources" in document else None


def _hint(document: Mapping[str, Any]) -> str:
    """Say what a file of another form seems to be."""
    if "checkpoint" in document:
        return "is a backend's checkpoint; write `pulumi stack export` to a file instead"
    if "steps" in document or "changeSummary" in document:
        return "is the output of `pulumi preview --json`, which lacks what rules read"
    if "deployment" in document:
        return "has a deployment without resources or manifest"
    return "has no key 'resources'"
