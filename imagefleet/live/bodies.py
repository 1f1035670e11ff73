"""Answers of Azure's clients as plain values, in the services' own JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def plain(answer: Any) -> Mapping[str, Any]:
    """Return a model of a client as the service's JSON (`properties` nested, camelCase).

    Two threads that make the first instance of a model at the same time disturb each other in the
    clients' generated code (azure-mgmt-* and azure-batch, `model_base.Model.__new__`), which then
    hands out the JSON as it came instead of a model: that is a `dict`, and all we want of it.
    """
    body: Mapping[str, Any] = answer if isinstance(answer, dict) else answer.as_dict()
    return body
