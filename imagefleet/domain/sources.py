"""The sources that derived values and notes rest on, by name.

A source is a sentence of the document ("D91") or a page named in words; a page's name starts with
whoever publishes it, so that a reader can find it and a test can tell a source from a slip.
"""

from __future__ import annotations

import re
from typing import Final

GALLERY: Final = "Azure documentation, Compute Gallery"
IMAGE_VERSION: Final = "Azure documentation, Create an image version"
CAPTURE: Final = "Azure documentation, Capture an image of a VM"
BATCH_BEST_PRACTICES: Final = "Azure documentation, Batch best practices"
BATCH_ROLES: Final = "Azure documentation, Batch role-based access control"
BATCH_POOL_API: Final = "Batch REST API, pool"
BATCH_ACCOUNT_API: Final = "Batch REST API, account"

PUBLISHERS: Final = (
    "Azure documentation",
    "Azure CLI",
    "Batch REST API",
    "Batch node agent change log",
    "Azure/Batch",
    "UCL/TLOmodel",  # an issue there quotes the notice
    "Pulumi azure-native",
    "azure-identity",
)

_SENTENCE = re.compile(r"D[1-9]\d?", re.ASCII)


def is_sentence(source: str) -> bool:
    """Whether a source is a sentence of the document, by the form of its number."""
    return _SENTENCE.fullmatch(source) is not None


def is_known(source: str) -> bool:
    """Whether a source is a sentence of the document or names its publisher."""
    return is_sentence(source) or source.startswith(PUBLISHERS)
